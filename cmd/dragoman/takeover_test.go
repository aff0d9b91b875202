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

	_ "github.com/jackc/pgx/v5/stdlib" // asks the database who leads

	"dragoman/internal/counterpart"
)

// takeoverLimit is how long nobody may lead after the death of a leader.
const takeoverLimit = 20 * time.Second

// TestAnotherProcessTakesOver runs the real program twice on one PostgreSQL and
// kills whichever leads, in every second round with SIGSTOP, after which it wakes
// up as a leader that was deposed. Every command takes effect once and is
// answered.
func TestAnotherProcessTakesOver(t *testing.T) {
	const members = 10
	rounds := 2
	if long(t) {
		rounds = 20
	}
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	url := counterpart.PostgresURL(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	file := configFile(t, fmt.Sprintf(`
bot: {name: dragoman, admins: [john@chat.local]}
store: {url: %q}
xmpp: {components: [{domain: %s, address: %q, secret: %s}]}
skills: {status: {config: {interval: 1h, machines: [{name: machine1, check: local}]}}}
`, url, botDomain, s.Component(botDomain), botSecret))
	c := gather(t, s)
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	var people sync.WaitGroup
	for who := range members {
		people.Go(func() { c.member(ctx, who, 1<<30) })
	}
	pair := []*exec.Cmd{start(t, file), start(t, file)}
	defer func() {
		for _, p := range pair {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	}()
	var took []time.Duration
	c.waitForAnswer(t, 2*takeoverLimit)
	for n := range rounds {
		leader := slices.IndexFunc(pair, func(p *exec.Cmd) bool { return p.Process.Pid == leads(t, db) })
		if leader < 0 {
			t.Fatalf("round %d: none of the two processes leads", n)
		}
		before := c.answered.Load()
		p := pair[leader]
		began := time.Now()
		if n%2 == 1 {
			send(t, p, syscall.SIGSTOP)
		} else {
			send(t, p, syscall.SIGKILL)
			_ = p.Wait()
		}
		for limit := time.After(2 * takeoverLimit); leads(t, db) == p.Process.Pid; {
			select {
			case <-limit:
				t.Fatalf("round %d: nobody took over", n)
			case <-time.After(5 * time.Millisecond):
			}
		}
		c.waitForAnswer(t, 2*takeoverLimit)
		took = append(took, time.Since(began))
		if n%2 == 1 {
			send(t, p, syscall.SIGCONT) // and it may not speak as a leader
		} else {
			pair[leader] = start(t, file)
		}
		c.waitForAnswer(t, takeoverLimit)
		if last := took[len(took)-1]; last > takeoverLimit {
			t.Errorf("round %d: nobody answered for %v, at most %v are allowed", n, last, takeoverLimit)
		}
		t.Logf("round %d: taken over after %v; %d commands so far", n, took[n].Round(time.Millisecond), c.answered.Load()-before)
	}
	enough()
	people.Wait()
	for _, p := range pair {
		terminate(t, p)
	}
	pair = nil
	t.Logf("%d takeovers, the longest %v; %d commands answered, %d sent again, %d answers said that they may be a repetition",
		rounds, slices.Max(took).Round(time.Millisecond), c.answered.Load(), c.resent.Load(), c.openly.Load())
	var answers, different int
	err = db.QueryRow(`SELECT count(*), count(DISTINCT key) FROM queue_jobs
		WHERE kind LIKE 'outbox:%' AND payload NOT LIKE '%Possibly again%'`).Scan(&answers, &different)
	if err != nil || answers != different || int64(answers) < c.answered.Load() || int64(answers) > c.answered.Load()+members {
		t.Errorf("%d answers in the store, %d different ones (%v), for %d commands", answers, different, err, c.answered.Load())
	}
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

// waitForAnswer waits until one more command has been answered.
func (c *crowd) waitForAnswer(t *testing.T, limit time.Duration) {
	t.Helper()
	before := c.answered.Load()
	late := time.After(limit)
	for c.answered.Load() == before {
		select {
		case <-late:
			t.Fatalf("no command was answered for %v", limit)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
