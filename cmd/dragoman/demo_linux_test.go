package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// leavesNothing fails when a process or a file of the demo whose temporary
// folder is temp is still there.
func leavesNothing(t *testing.T, temp string) {
	t.Helper()
	leavesNoProcess(t, temp)
	files, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Errorf("left behind: %s", f.Name())
	}
}

// leavesNoProcess waits a moment for the processes of a demo to be gone: every
// one of them has the temporary folder in its environment.
func leavesNoProcess(t *testing.T, temp string) {
	t.Helper()
	limit := time.Now().Add(5 * time.Second)
	for {
		left := processesWith(t, temp)
		if len(left) == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Errorf("still running: %q", left)
			return
		}
		time.Sleep(10 * time.Millisecond) // the end of somebody else's child is no event for us
	}
}

// processesWith are the command lines of the processes that have text in their
// environment.
func processesWith(t *testing.T, text string) []string {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range environments {
		environment, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(environment, []byte(text)) {
			continue // also what belongs to others and what has just ended
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		found = append(found, strings.ReplaceAll(string(command), "\x00", " "))
	}
	return found
}

// transcript is what the demo prints without a terminal, but for the numbers
// of ports, processes and seconds.
const transcript = `Prosody is up at N, and machine1 is process N at N.
Process N has been killed; the bot finds out by itself.

In the room ops@rooms.chat.local:
    John Doe: !get-status machine1
    bot:      machine1 is currently running for N seconds
    John Doe: !subscribe machine1
    bot:      John Doe is now subscribed to changes to machine1
    ... later ...
    bot:      machine1 has gone down.

In a direct message to bot@mycomponent.chat.local:
    John Doe: get-status machine1
    bot:      machine1 is currently running for N seconds
    John Doe: subscribe machine1
    bot:      John Doe is now subscribed to changes to machine1
    ... later ...
    bot:      machine1 has gone down.

Every word is as it should be.
`

var (
	spans   = regexp.MustCompile(`\b(1 second|\d+ seconds)\b`)
	numbers = regexp.MustCompile(`127\.0\.0\.1:\d+|\b\d{2,}\b`)
)

// withoutNumbers is a text as transcript has it.
func withoutNumbers(text string) string {
	return numbers.ReplaceAllString(spans.ReplaceAllString(text, someSeconds), "N")
}

func TestTheDemoPlaysTheFirstConversation(t *testing.T) {
	t.Parallel()
	counterpart.Need(t, "prosody")
	cmd, temp := program(t, "demo")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run() // standard input is /dev/null
	got := withoutNumbers(out.String())
	if strings.Contains(out.String(), someSeconds) {
		t.Errorf("instead of what the bot said it prints:\n%s", &out)
	}
	if err != nil || got != transcript || log.Len() > 0 {
		t.Errorf("%v, standard error %q, output:\n%s\nwant exit 0 and:\n%s", err, &log, got, transcript)
	}
	readme, err := os.ReadFile("../../README.md")
	shown := withoutNumbers(strings.ReplaceAll(string(readme), "\n    ", "\n"))
	if err != nil || !strings.Contains(shown, transcript) || strings.Contains(string(readme), someSeconds) {
		t.Errorf("README.md shows another transcript (%v)", err)
	}
	leavesNothing(t, temp)
}

// seesSpan waits until text is shown, and where it has someSeconds, the line
// with some.
func (s *terminalSession) seesSpan(text string) {
	s.t.Helper()
	before, after, found := strings.Cut(text, someSeconds)
	s.sees(before)
	if !found {
		return
	}
	from := s.seen
	s.sees("\n")
	if got := strings.TrimSuffix(s.shown()[from:s.seen], "\n"); !matches(got, someSeconds+after) {
		s.t.Errorf("after %q it shows %q", before, got)
	}
}

func TestTheDemoLetsAPersonTalk(t *testing.T) {
	t.Parallel()
	counterpart.Need(t, "prosody")
	cmd, temp := program(t, "demo")
	s := atTerminal(t, cmd)
	s.sees("You are John Doe (john@chat.local)")
	for _, step := range []struct{ keys, want string }{
		{"get-status machine1\n", "bot: machine1 is currently running for N seconds"},
		{"subscribe machine1\n", "bot: John Doe is now subscribed to changes to machine1"},
		{"/room good morning\n", "[ops] John Doe: good morning"},
		{"/room !get-status machine1\n", "[ops] dragoman: machine1 is currently running for N seconds"},
		{"/room\n", "Say what in the room?"},
		{"/start\n", "machine1 runs already, as process "},
		{"/stop\n", ") is stopped.\n"},
		{"", "bot: machine1 has gone down.\n"},
		{"/stop\n", "machine1 is stopped already"},
		{"get-status machine1\n", "bot: machine1 is down for N seconds: connection refused"},
		{"/start\n", "machine1 runs again, as process "},
		{"", "bot: machine1 is up again after N seconds."},
		{"/nonsense\n", "There is no /nonsense"},
		{strings.Repeat("\n", 2) + "/help\n", "/quit"},
		{"frobnicate\n", "bot: I do not understand “frobnicate”."},
		{"/quit\n", ""},
	} {
		if step.keys != "" {
			s.sees(demoPrompt)
		}
		s.types(step.keys)
		s.seesSpan(step.want)
	}
	if code := ends(t, cmd); code != 0 {
		t.Errorf("exit %d", code)
	}
	leavesNothing(t, temp)
}

func TestTheDemoCleansUpWhenThePersonGoes(t *testing.T) {
	t.Parallel()
	counterpart.Need(t, "prosody")
	for name, c := range map[string]struct {
		leave func(*terminalSession)
		code  int
	}{
		"Ctrl-C":          {func(s *terminalSession) { s.types("\x03") }, 0},
		"Ctrl-D":          {func(s *terminalSession) { s.types("\x04") }, 0},
		"window closed":   {(*terminalSession).hangsUp, 0},
		"Prosody crashes": {func(s *terminalSession) { killProsody(s.t, s.cmd) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, temp := program(t, "demo")
			s := atTerminal(t, cmd)
			s.sees(demoPrompt)
			c.leave(s)
			if code := ends(t, cmd); code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			leavesNothing(t, temp)
		})
	}
}

// killProsody kills the server of a demo, by the id that it wrote down.
func killProsody(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	temp, _ := strings.CutPrefix(cmd.Env[len(cmd.Env)-1], "TMPDIR=")
	files, err := filepath.Glob(filepath.Join(temp, "dragoman-prosody-*", "prosody.pid"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// TestTheDemoCleansUpAtAnyMoment stops it while it starts, while it talks and
// while it waits.
func TestTheDemoCleansUpAtAnyMoment(t *testing.T) {
	t.Parallel()
	counterpart.Need(t, "prosody")
	for _, after := range []time.Duration{10, 50, 100, 200, 400, 900} {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
			cmd, temp := program(t, "demo")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after * time.Millisecond) // the moment is meant to be any
			_ = cmd.Process.Signal(signal)
			_ = cmd.Wait()
			if signal == syscall.SIGKILL {
				leavesNoProcess(t, temp) // nobody is left who could remove files
			} else {
				leavesNothing(t, temp)
			}
		}
	}
}
