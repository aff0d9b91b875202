package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// stopLimit is how long the program may take to end.
const stopLimit = 10 * time.Second

// ends waits for a program that was told to stop and returns its exit code.
func ends(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	asked := time.Now()
	kill := time.AfterFunc(2*stopLimit, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait() // the exit code is looked at instead
	if took := time.Since(asked); took > stopLimit {
		t.Errorf("it took %v to end", took)
	}
	return cmd.ProcessState.ExitCode()
}

func TestATerminationSignalEndsRunWith0(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			s := counterpart.Prosody(t, counterpart.Options{
				Components: map[string]string{botDomain: botSecret},
				Users:      map[string]string{"john": "pw-john"},
			})
			john := person{t, counterpart.DialHuman(t, s, "john", "pw-john", "phone")}
			john.joins(s.Room("ops"), "John Doe")
			cmd, _ := program(t, "run", "-c", configFile(t, componentConfig(t, s, "{}")))
			var log bytes.Buffer
			cmd.Stderr = &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			john.sees(s.Room("ops")+"/dragoman", "")
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := ends(t, cmd); code != 0 || !strings.Contains(log.String(), "dragoman ends") {
				t.Errorf("exit %d, want 0 and the log to its end:\n%s", code, &log)
			}
		})
	}
}

// TestAHangingRequestDoesNotHoldTheEnd: a request that is under way at the stop
// gets its time, and then an answer that says how it ended.
func TestAHangingRequestDoesNotHoldTheEnd(t *testing.T) {
	t.Parallel()
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret},
		Users:      map[string]string{"john": "pw-john"},
	})
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts by the kernel, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	status := fmt.Sprintf("{interval: 1h, timeout: 1m, machines: [{name: silent, check: http, target: 'http://%s'}]}", silent.Addr())
	cmd, _ := program(t, "run", "-c", configFile(t, componentConfig(t, s, status)))
	var log bytes.Buffer
	cmd.Stderr = &log
	john := person{t, counterpart.DialHuman(t, s, "john", "pw-john", "phone")}
	john.joins(s.Room("ops"), "John Doe")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	john.sees(s.Room("ops")+"/dragoman", "")
	john.say(botJID, "get-status silent")
	john.expects("that the bot is at work", func(m counterpart.Msg) bool {
		return m.From == botJID && m.Kind == "message" && m.Body == "" // composing, of which go-xmpp shows only this
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := ends(t, cmd); code != 0 {
		t.Errorf("exit %d\n%s", code, &log)
	}
	john.expects("an answer", func(m counterpart.Msg) bool { return m.From == botJID && m.Body != "" })
}
