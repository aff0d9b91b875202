package counterpart

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

//go:embed slixmpp_driver.py
var slixmppScript string

// Slixmpp is a person or a component on Python's slixmpp, an implementation
// that shares no code with go-xmpp, with the bot or with the servers. It sees
// what [Human] can't: ids, status codes, receipts, and answers to all kinds of
// IQ. Its methods may be called from any goroutine.
type Slixmpp struct {
	jid     string
	process *process
	stdin   io.WriteCloser
	stderr  *logBuffer
	inbox   *inbox[Event]
	done    chan struct{} // closed when the script's output has ended

	mu      sync.Mutex
	last    int
	waiting map[int]chan json.RawMessage
}

// SlixmppError is an error that the far side, or slixmpp, answered with: a
// stanza condition such as "service-unavailable", "timeout", or a text.
type SlixmppError struct{ Action, Condition string }

// Error names the action and the condition.
func (e *SlixmppError) Error() string { return "slixmpp: " + e.Action + ": " + e.Condition }

// DialSlixmpp logs user in on s, over STARTTLS, from a device called
// resource, and announces presence. It acknowledges messages that want it
// (XEP-0184) and leaves presence requests to the test.
func DialSlixmpp(ctx context.Context, s *Server, user, password, resource string) (*Slixmpp, error) {
	return startSlixmpp(ctx, s.C2S, request{
		"jid": user + "@" + s.Domain + "/" + resource, "password": password, "ca": s.CertFile,
	})
}

// DialSlixmppComponent connects as an external component of s. It speaks as
// bot@domain where nothing else is asked for.
func DialSlixmppComponent(ctx context.Context, s *Server, domain, secret string) (*Slixmpp, error) {
	addr := s.Component(domain)
	if addr == "" {
		return nil, fmt.Errorf("the server has no component %s: name it in Options.Components", domain)
	}
	return startSlixmpp(ctx, addr, request{"jid": "bot@" + domain + "/slixmpp", "secret": secret})
}

type request map[string]any

func startSlixmpp(ctx context.Context, addr string, connect request) (*Slixmpp, error) {
	if err := Missing("slixmpp"); err != nil {
		return nil, err
	}
	x := &Slixmpp{inbox: newInbox[Event](), done: make(chan struct{}), waiting: map[int]chan json.RawMessage{},
		stderr: &logBuffer{}}
	if err := x.run(); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	connect["host"] = host
	connect["port"], _ = strconv.Atoi(port)
	var answer struct{ JID string }
	if err := x.call(ctx, "connect", connect, &answer); err != nil {
		return nil, errors.Join(fmt.Errorf("connect as %s: %w\n%s", connect["jid"], err, x.stderr), x.Close())
	}
	x.jid = answer.JID
	return x, nil
}

// run starts the script with its pipes.
func (x *Slixmpp) run() error {
	cmd := exec.Command(pythonPath, "-I", "-c", slixmppScript) // -I: no module from the working directory
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent"}
	cmd.Stderr = x.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	x.stdin = stdin
	// Not StdoutPipe: its Wait closes the pipe before the last lines are read.
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout = in
	x.process, err = startProcess(cmd, nil, syscall.SIGKILL)
	in.Close()
	if err != nil {
		out.Close()
		return err
	}
	go x.read(out)
	return nil
}

// read hands out the script's lines until they end.
func (x *Slixmpp) read(out io.ReadCloser) {
	defer close(x.done)
	defer out.Close()
	lines := bufio.NewReaderSize(out, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var head struct {
			Re    int
			Event string
		}
		if err := json.Unmarshal(line, &head); err != nil {
			fmt.Fprintf(x.stderr, "not JSON: %q\n", line)
			continue
		}
		if head.Event != "" && head.Re == 0 {
			x.file(line)
			continue
		}
		x.mu.Lock()
		if c := x.waiting[head.Re]; c != nil {
			c <- line // has room for the one answer there is
			delete(x.waiting, head.Re)
		}
		x.mu.Unlock()
	}
	x.inbox.close(errors.New("slixmpp has ended"))
}

func (x *Slixmpp) file(line []byte) {
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		fmt.Fprintf(x.stderr, "not an event: %q: %v\n", line, err)
		return
	}
	if e.Kind != "ready" {
		x.inbox.put(e)
	}
}

// call sends one request and waits for its answer.
func (x *Slixmpp) call(ctx context.Context, action string, args request, answer any) error {
	c := make(chan json.RawMessage, 1)
	x.mu.Lock()
	x.last++
	id := x.last
	x.waiting[id] = c
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.waiting, id)
	}()
	if args == nil {
		args = request{}
	}
	args["id"], args["do"] = id, action
	if deadline, ok := ctx.Deadline(); ok {
		args["timeout"] = max(0.1, time.Until(deadline).Seconds())
	}
	line, err := json.Marshal(args)
	if err != nil {
		return err
	}
	x.mu.Lock()
	_, err = x.stdin.Write(append(line, '\n'))
	x.mu.Unlock()
	if err != nil {
		return fmt.Errorf("slixmpp has ended: %w\n%s", err, x.stderr)
	}
	select {
	case line := <-c:
		return x.decode(action, line, answer)
	case <-x.done:
		return fmt.Errorf("slixmpp ended during %s\n%s", action, x.stderr)
	case <-ctx.Done():
		return fmt.Errorf("slixmpp: %s: %w", action, context.Cause(ctx))
	}
}

func (x *Slixmpp) decode(action string, line []byte, answer any) error {
	var head struct {
		Event string
		Error string
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return fmt.Errorf("slixmpp: %s: %w", action, err)
	}
	// A stanza that was asked for may carry an error of its own.
	if head.Error != "" && head.Event == "" {
		return &SlixmppError{action, head.Error}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(line, answer); err != nil {
		return fmt.Errorf("slixmpp: %s: %w", action, err)
	}
	return nil
}

// JID is the full address of this device, or the component's own address.
func (x *Slixmpp) JID() string { return x.jid }

// Expect removes and returns the oldest event that matches, waiting for one
// until ctx ends. What doesn't match stays for later calls, and is listed in
// the error.
func (x *Slixmpp) Expect(ctx context.Context, match func(Event) bool) (Event, error) {
	return x.inbox.expect(ctx, match)
}

// Received removes and returns everything that has come so far and matches.
func (x *Slixmpp) Received(match func(Event) bool) []Event { return x.inbox.take(match) }

// Close ends the stream in good order, and the program with it.
func (x *Slixmpp) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if x.process.alive() {
		_ = x.call(ctx, "close", nil, nil) // the program ends all the same
	}
	x.stdin.Close()
	err := x.process.stop(syscall.SIGTERM)
	<-x.done
	return err
}

// Kill ends the program by SIGKILL; its connection breaks without a word.
func (x *Slixmpp) Kill() {
	x.process.kill()
	<-x.done
}

// Log is what slixmpp wrote to its standard error.
func (x *Slixmpp) Log() string { return x.stderr.String() }

// logBuffer keeps the first MiB of a program's output.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

const logBufferLimit = 1 << 20

// Write never fails; what is beyond the limit is lost.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.text.Len() < logBufferLimit {
		b.text.Write(p)
	}
	return len(p), nil
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
