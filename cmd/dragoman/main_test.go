package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// asProgram makes the test binary be the program itself, so that signals,
// terminals and child processes are tested on the real thing.
const asProgram = "DRAGOMAN_TEST_IS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is dragoman with arguments, as a process that has yet to be started.
// Its temporary files go to a folder of their own, which is returned too.
func program(t *testing.T, args ...string) (cmd *exec.Cmd, temp string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temp = t.TempDir()
	cmd = exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+temp)
	return cmd, temp
}

// result is how an invocation ended.
type result struct {
	code     int
	out, err string
}

// invoke runs dragoman in this process, with text on standard input.
func invoke(input string, args ...string) result {
	var out, err syncBuffer
	code := run(context.Background(), args, streams{strings.NewReader(input), &out, &err})
	return result{code, out.String(), err.String()}
}

// configFile writes a skills.yaml.
func configFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "skills.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// expects waits for anything at all.
func (p person) expects(what string, match func(counterpart.Msg) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := p.Expect(ctx, match); err != nil {
		p.t.Fatalf("waiting for %s: %v", what, err)
	}
}
