package main

import (
	"context"
	"database/sql"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// takeoverLimit is how long nobody may lead after the death of a leader.
const takeoverLimit = 20 * time.Second

// TestAnotherProcessTakesOver runs the real program twice on one PostgreSQL and
// kills whichever leads, in every second round with SIGSTOP, after which it wakes
// up as a leader that was deposed. Every command takes effect once and is
// answered.
func TestAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	const members, between = 10, 100
	rounds := 2
	if long(t) {
		rounds = 20
	}
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	url := counterpart.PostgresURL(t)
	book := bookOf(t, url)
	file := configFile(t, fmt.Sprintf(`
bot: {name: dragoman, admins: [john@chat.local]}
store: {url: %q}
xmpp: {components: [{domain: %s, address: %q, secret: %s}]}
nlu: {learn: false}
skills: {status: {config: {interval: 1h, machines: [{name: machine1, check: local}]}}}
`, url, botDomain, s.Component(botDomain), botSecret))
	c := gather(t, s)
	ctx, giveUp := context.WithCancel(context.Background())
	var people sync.WaitGroup
	defer people.Wait()
	defer giveUp()
	for who := range members {
		people.Go(func() { c.member(ctx, who) })
	}
	pair := []*exec.Cmd{start(t, file), start(t, file)}
	defer func() {
		for _, p := range pair {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	}()
	var took []time.Duration
	c.waitForAnswers(t, between, 2*takeoverLimit)
	for n := range rounds {
		leader := slices.IndexFunc(pair, func(p *exec.Cmd) bool { return p.Process.Pid == leads(t, book.db) })
		if leader < 0 {
			t.Fatalf("round %d: none of the two processes leads", n)
		}
		p := pair[leader]
		began := time.Now()
		if n%2 == 1 {
			send(t, p, syscall.SIGSTOP)
		} else {
			send(t, p, syscall.SIGKILL)
			_ = p.Wait()
			pair[leader] = start(t, file)
		}
		for limit := time.After(2 * takeoverLimit); leads(t, book.db) == p.Process.Pid; {
			select {
			case <-limit:
				t.Fatalf("round %d: nobody took over", n)
			case <-time.After(5 * time.Millisecond):
			}
		}
		c.waitForAnswers(t, 1, 2*takeoverLimit)
		took = append(took, time.Since(began))
		if n%2 == 1 {
			send(t, p, syscall.SIGCONT) // and it may not speak as a leader
		}
		again := time.Now()
		c.waitForAnswers(t, between, takeoverLimit)
		if long(t) && took[n] > takeoverLimit { // make test has the machine busy with much else
			t.Errorf("round %d: nobody answered for %v, at most %v are allowed", n, took[n], takeoverLimit)
		}
		t.Logf("round %d: taken over after %v; then %d commands in %v", n,
			took[n].Round(time.Millisecond), between, time.Since(again).Round(time.Millisecond))
	}
	close(c.enough)
	people.Wait()
	for _, p := range pair {
		terminate(t, p)
	}
	pair = nil
	t.Logf("%d takeovers, the longest %v; %d commands answered, %d sent again, %d given back, %d answers said that they may be a repetition",
		rounds, slices.Max(took).Round(time.Millisecond), c.answered.Load(), c.resent.Load(), c.bounced.Load(), c.repeated.Load())
	book.judge(t, c.all(), between*(rounds+1))
}

func send(t *testing.T, p *exec.Cmd, s syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// leads is the process that owns the bot's address.
func leads(t *testing.T, db *sql.DB) int {
	t.Helper()
	var holder string
	if err := db.QueryRow("SELECT holder FROM leases WHERE name = $1", botDomain).Scan(&holder); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscanf(holder, "pid %d", &pid); err != nil {
		t.Fatalf("the holder is %q: %v", holder, err)
	}
	return pid
}
