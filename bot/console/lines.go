package console

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"syscall"
)

// MaxLine bounds one line, in bytes.
const MaxLine = 64 << 10

// Line is one line of input.
type Line struct {
	Text string // without its end, \n or \r\n
	// Long says that the line was longer than MaxLine and was skipped.
	Long bool
	// Err is why reading failed; it comes last.
	Err error
}

// Lines reads lines until the input or ctx ends, and then closes the channel.
// A read from a terminal cannot be interrupted, so the goroutine that waits
// for one may outlive ctx until the process ends.
func Lines(ctx context.Context, in io.Reader) <-chan Line { return lines(ctx, in, MaxLine) }

func lines(ctx context.Context, in io.Reader, limit int) <-chan Line {
	out := make(chan Line)
	go func() {
		defer close(out)
		r := bufio.NewReaderSize(in, 4096)
		for {
			line, err := readLine(r, limit)
			if errors.Is(err, io.EOF) || hungUp(err) {
				return
			}
			line.Err = err
			select {
			case out <- line:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}

// readLine reads to the end of one line and keeps no more of it than it takes
// to know that it is too long. The last line need not be ended; io.EOF means
// that there was none.
func readLine(r *bufio.Reader, limit int) (Line, error) {
	var text []byte
	for {
		part, err := r.ReadSlice('\n')
		const end = len("\r\n")
		text = append(text, part[:min(len(part), limit+end+1-len(text))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) > 0:
			err = nil
		}
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		if len(text) > limit {
			return Line{Long: true}, err
		}
		return Line{Text: string(text)}, err
	}
}

// hungUp reports whether the terminal is gone, because its window was closed:
// the end of the input, and of the screen, but no failure.
func hungUp(err error) bool { return errors.Is(err, syscall.EIO) }
