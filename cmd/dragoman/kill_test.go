package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite" // looks into the database that the killed program left

	"dragoman/internal/counterpart"
)

// TestNoKillLosesOrDoublesACommand kills the real program with SIGKILL at
// random moments while people give it commands that change something. Every
// command has to take effect once and to be answered, however often it was sent.
func TestNoKillLosesOrDoublesACommand(t *testing.T) {
	const members = 40
	kills, commands := 15, 600
	if long(t) {
		kills, commands = 200, 10_000
	}
	seed := seedOf(t)
	random := rand.New(rand.NewPCG(seed, 1))
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	config := componentConfig(t, s, "{interval: 1h, machines: [{name: machine1, check: local}]}")
	file := configFile(t, config)
	c := gather(t, s)

	began := time.Now()
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	var people sync.WaitGroup
	for who := range members {
		people.Go(func() { c.member(ctx, who, commands/members) })
	}
	done := make(chan struct{})
	go func() {
		people.Wait()
		close(done)
	}()

	for n := range kills {
		p := start(t, file)
		// In most rounds it dies under load, in some while it starts.
		moment := time.Duration(random.Int64N(int64(300 * time.Millisecond)))
		c.waitForWork(done, random.IntN(10) > 0)
		time.Sleep(moment) // the moment is what is random here
		if err := p.Process.Kill(); err != nil {
			t.Fatalf("kill %d: %v", n, err)
		}
		_ = p.Wait()
	}
	killed := time.Since(began)
	p := start(t, file)
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Errorf("not all commands were answered: %d of %d", c.answered.Load(), commands)
		enough()
		<-done
	}
	stopped := terminate(t, p)
	t.Logf("%d kills in %v, %d commands answered, %d sent again, %d answers said that they may be a repetition, %d came again",
		kills, killed.Round(time.Millisecond), c.answered.Load(), c.resent.Load(), c.openly.Load(), c.repeated.Load())
	if t.Failed() {
		t.Logf("the log of the last one:\n%s", stopped)
	}
	inspect(t, storeFile(t, config), members, commands)
}

// waitForWork waits until an answer has come since now, unless all is done.
func (c *crowd) waitForWork(done <-chan struct{}, wanted bool) {
	before := c.lastReply.Load()
	for wanted && c.lastReply.Load() == before {
		select {
		case <-done:
			return
		case <-time.After(2 * time.Millisecond):
		}
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

// terminate ends it in good order and returns its log.
func terminate(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	if err := cmd.Process.Signal(sigterm); err != nil {
		t.Fatal(err)
	}
	if code := ends(t, cmd); code != 0 {
		t.Errorf("the program ended with %d", code)
	}
	return cmd.Stderr.(*bytes.Buffer).String()
}

// storeFile is the database's path in a configuration.
func storeFile(t *testing.T, config string) string {
	t.Helper()
	_, rest, found := strings.Cut(config, `"sqlite:`)
	path, _, ended := strings.Cut(rest, `"`)
	if !found || !ended {
		t.Fatal("the configuration names no SQLite file")
	}
	return path
}

// inspect looks into the database with nothing of ours: it is sound, each
// command left its answer once, and each member is what its last command made it.
func inspect(t *testing.T, path string, members, commands int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []struct{ what, query, want string }{
		{"integrity_check", "PRAGMA integrity_check", "ok"},
		{"answers", "SELECT count(*) FROM queue_jobs WHERE kind LIKE 'outbox:%' AND payload NOT LIKE '%Possibly again%'", fmt.Sprint(commands)},
		{"answers under different ids", "SELECT count(DISTINCT key) FROM queue_jobs WHERE kind LIKE 'outbox:%' AND payload NOT LIKE '%Possibly again%'", fmt.Sprint(commands)},
		{"members that are subscribed", "SELECT count(*) FROM status_subscriptions", fmt.Sprint(members * (commands / members % 2))},
	} {
		var got string
		if err := db.QueryRow(q.query).Scan(&got); err != nil || got != q.want {
			t.Errorf("%s: %s (%v), want %s", q.what, got, err, q.want)
		}
	}
}
