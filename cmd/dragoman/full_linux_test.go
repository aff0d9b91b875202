package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// TestAFullDiskRefusesWhatItCannotKeep runs the real program into a lack of room
// under load. What changes something is refused in XMPP's own words, what only
// asks is answered, and all goes on when there is room again; nothing of it is
// lost or done twice.
func TestAFullDiskRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	t.Run("a full disk", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		if err := unix.Mount("none", folder, "tmpfs", 0, "size=16m"); err != nil {
			t.Skipf("this account may mount no small disk (%v); the other case needs none", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(folder, 0); err != nil {
				t.Errorf("unmount the small disk: %v", err)
			}
		})
		ballast := filepath.Join(folder, "ballast")
		testFull(t, folder, func(*exec.Cmd) error {
			file, err := os.Create(ballast)
			if err != nil {
				return err
			}
			defer file.Close()
			if _, err = io.Copy(file, zeroes{}); errors.Is(err, unix.ENOSPC) {
				return nil
			}
			return fmt.Errorf("the disk did not fill: %w", err)
		}, func(*exec.Cmd) error { return os.Remove(ballast) })
	})
	t.Run("a file that may not grow", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		limit := func(p *exec.Cmd, bytes uint64) error {
			var had unix.Rlimit
			if err := unix.Prlimit(p.Process.Pid, unix.RLIMIT_FSIZE, nil, &had); err != nil {
				return err
			}
			return unix.Prlimit(p.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: had.Max}, nil)
		}
		testFull(t, folder, func(p *exec.Cmd) error { return limit(p, 64<<10) },
			func(p *exec.Cmd) error { return limit(p, math.MaxUint64) })
	})
}

// zeroes is an endless file.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func testFull(t *testing.T, folder string, fill, clean func(*exec.Cmd) error) {
	const members, some = 10, 100
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	url := "sqlite:" + filepath.Join(folder, "bot.db")
	config := componentConfig(t, s, "{interval: 1h, machines: [{name: machine1, check: local}]}")
	config = strings.Replace(config, storeURL(t, config), url, 1)
	book := bookOf(t, url)
	c := gather(t, s)
	ctx, giveUp := context.WithCancel(context.Background())
	var people sync.WaitGroup
	defer people.Wait()
	defer giveUp()
	p := start(t, configFile(t, config))
	ended := false
	defer func() {
		if !ended {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	}()
	for who := range members {
		people.Go(func() { c.member(ctx, who) })
	}
	c.waitForAnswers(t, some, silence)

	if err := fill(p); err != nil {
		t.Fatal(err)
	}
	refusal := c.waitForRefusal(t)
	if refusal.Type != stream.TypeWait || refusal.Condition != "resource-constraint" || !strings.Contains(refusal.Text, "cannot store anything") {
		t.Errorf("the refusal is %+v", refusal)
	}
	began, before := time.Now(), c.answered.Load()
	for n := range 20 { // spread over two seconds
		question := &command{
			who: members, id: fmt.Sprintf("question-%d", n), text: "get-status machine1", want: "is currently running",
			answer: make(chan struct{}), bounce: make(chan struct{}, 1),
		}
		c.expect(question)
		if err := c.session.Send(ctx, question.stanza()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-question.answer:
		case <-time.After(5 * time.Second):
			t.Fatal("what changes nothing is not answered while there is no room")
		}
		time.Sleep(100 * time.Millisecond)
	}
	asked := c.answered.Load() - before
	full := time.Since(began)
	if err := clean(p); err != nil {
		t.Fatal(err)
	}
	again := time.Now()
	c.waitForAnswers(t, some, silence)
	resumed := time.Since(again)
	close(c.enough)
	people.Wait()
	ended = true
	log := terminate(t, p)
	t.Logf("full for %v, in which %d answers came (20 of them to questions) and %d commands came back: %s; %d more were answered %v after there was room; the log has %d bytes",
		full.Round(time.Millisecond), asked, c.bounced.Load(), refusal.Text, some, resumed.Round(time.Millisecond), len(log))
	if limit := 200 + 3*int(c.bounced.Load()); strings.Count(log, "\n") > limit {
		t.Errorf("the log has more than %d lines", limit)
	}
	book.judge(t, c.changing(), 2*some)
	if t.Failed() {
		t.Logf("the log:\n%.20000s", log)
	}
}

// waitForRefusal waits until a command comes back from the bot itself.
func (c *crowd) waitForRefusal(t *testing.T) *stream.StanzaError {
	t.Helper()
	for began := time.Now(); time.Since(began) < silence; time.Sleep(time.Millisecond) {
		for _, cmd := range c.all() {
			if cmd.refused != nil && cmd.refused.Condition != "remote-server-timeout" {
				return cmd.refused
			}
		}
	}
	t.Fatal("no command was refused")
	return nil
}
