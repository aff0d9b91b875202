package counterpart

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

func (s *Server) outFile() string { return filepath.Join(s.Dir, "logs", "out.log") }

func (s *Server) logSize() [2]int64 {
	var sizes [2]int64
	for i, name := range []string{s.Log, s.outFile()} {
		if info, err := os.Stat(name); err == nil {
			sizes[i] = info.Size()
		}
	}
	return sizes
}

// logSince is what both log files got since logSize.
func (s *Server) logSince(sizes [2]int64) string {
	var b strings.Builder
	for i, name := range []string{s.Log, s.outFile()} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if _, err := f.Seek(sizes[i], io.SeekStart); err == nil {
			_, _ = io.Copy(&b, f)
		}
		f.Close()
	}
	return b.String()
}

// LogTail is the last lines of the server's log, and a few of its output.
func (s *Server) LogTail(lines int) string {
	return tailOf(s.Log, lines) + "\n--- output:\n" + tailOf(s.outFile(), min(lines, 20))
}

func tailOf(file string, lines int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
