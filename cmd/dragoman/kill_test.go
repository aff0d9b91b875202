package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// TestNoKillLosesOrDoublesACommand kills the real program with SIGKILL at
// random moments while people give it commands that change something. Every
// command has to take effect once and to be answered, however often it was sent.
func TestNoKillLosesOrDoublesACommand(t *testing.T) {
	t.Parallel()
	s := siege{members: 40, commands: 600, ends: 15, limit: 3 * time.Minute}
	if long(t) {
		s.commands, s.ends, s.limit = 10_000, 200, 90*time.Second
	}
	s.run(t, func(p *exec.Cmd) {
		if err := p.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = p.Wait()
	})
}

// TestNoStopLosesOrDoublesACommand is the same with SIGTERM, after which the
// program has 10 seconds to end by itself, with 0.
func TestNoStopLosesOrDoublesACommand(t *testing.T) {
	t.Parallel()
	s := siege{members: 40, commands: 600, ends: 6, limit: 3 * time.Minute}
	if long(t) {
		s.commands, s.ends, s.limit = 5_000, 50, 3*time.Minute
	}
	var took time.Duration
	early := 0
	s.run(t, func(p *exec.Cmd) {
		began := time.Now()
		send(t, p, sigterm)
		code := ends(t, p)
		took = max(took, time.Since(began))
		log := p.Stderr.(*bytes.Buffer).String()
		if code == -1 && log == "" { // it was not up to its first line yet, and had touched nothing
			early++
		} else if code != 0 {
			t.Errorf("the program ended with %d:\n%s", code, log)
		}
	})
	t.Logf("the slowest end took %v; %d ended before they began", took.Round(time.Millisecond), early)
}

// siege is a crowd that works with the real program, which is ended and started
// again and again.
type siege struct {
	members  int
	commands int // at least so many
	ends     int
	limit    time.Duration // for all of it
}

// run runs the program and has end end it at random moments, most of them under
// load, some while it starts. The end of the last one is a good one.
func (s siege) run(t *testing.T, end func(*exec.Cmd)) {
	random := rand.New(rand.NewPCG(seedOf(t), 1))
	server := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	config := componentConfig(t, server, "{interval: 1h, machines: [{name: machine1, check: local}]}")
	file, book := configFile(t, config), bookOf(t, storeURL(t, config))
	c := gather(t, server)

	began := time.Now()
	ctx, giveUp := context.WithTimeout(context.Background(), 2*s.limit)
	var people sync.WaitGroup
	defer people.Wait()
	defer giveUp()
	for who := range s.members {
		people.Go(func() { c.member(ctx, who) })
	}
	var idle time.Duration // until it answers
	for range s.ends {
		p := start(t, file)
		moment := time.Duration(random.Int64N(int64(250 * time.Millisecond)))
		if random.IntN(10) > 0 {
			started := time.Now()
			s.await(ctx, t, c, p)
			idle += time.Since(started)
		}
		time.Sleep(moment) // the moment is what is random here
		end(p)
	}
	ended := time.Since(began)
	p := start(t, file)
	for c.answered.Load() < int64(s.commands) {
		s.await(ctx, t, c, p)
	}
	close(c.enough)
	people.Wait()
	took := time.Since(began)
	log := terminate(t, p)
	t.Logf("%d ends in %v, all after %v; %d commands answered, %d sent again, %d given back, %d answers said that they may be a repetition; %v a start",
		s.ends, ended.Round(time.Millisecond), took.Round(time.Millisecond), c.answered.Load(), c.resent.Load(), c.bounced.Load(), c.repeated.Load(),
		(idle / time.Duration(s.ends)).Round(time.Millisecond))
	if took > s.limit {
		t.Errorf("it took %v, at most %v are allowed", took, s.limit)
	}
	book.judge(t, c.all(), s.commands)
	if t.Failed() {
		t.Logf("the log of the last one:\n%s", log)
	}
}

// await waits until somebody is answered.
func (s siege) await(ctx context.Context, t *testing.T, c *crowd, p *exec.Cmd) {
	t.Helper()
	answered := c.waitForWork()
	switch {
	case ctx.Err() != nil:
		t.Fatalf("%d commands were answered within %v, and it was not the end", c.answered.Load(), 2*s.limit)
	case !answered:
		autopsy(t, p)
	}
}

// start runs the real program in a process of its own.
func start(t *testing.T, file string) *exec.Cmd {
	t.Helper()
	cmd, _ := program(t, "run", "-c", file)
	cmd.Stderr = new(bytes.Buffer)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// autopsy ends the test for a program that answers nobody any more, and shows
// what it does instead.
func autopsy(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	_ = cmd.Process.Signal(syscall.SIGQUIT)
	_ = cmd.Wait()
	t.Fatalf("nobody was answered for %v:\n%s", silence, cmd.Stderr)
}

// terminate ends it in good order and returns its log.
func terminate(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	if err := cmd.Process.Signal(sigterm); err != nil {
		t.Fatal(err)
	}
	code := ends(t, cmd)
	log := cmd.Stderr.(*bytes.Buffer).String()
	if code != 0 {
		t.Errorf("the program ended with %d:\n%s", code, log)
	}
	return log
}
