package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// TestDeadLettersAreListedSentAgainAndDropped makes real ones: people whose
// server sends the bot's answer back for good. The commands of the terminal work
// on the store that the bot is at work with.
func TestDeadLettersAreListedSentAgainAndDropped(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "bot.db") },
		"postgres": func(t *testing.T) string { return counterpart.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testDeadLetters(t, underLoad(t, url))
		})
	}
}

func testDeadLetters(t *testing.T, w *working) {
	dragoman := func(args ...string) string {
		t.Helper()
		r := invoke("", append(args, "-c", w.file)...)
		if r.code != 0 || r.err != "" {
			t.Fatalf("dragoman %s: exit %d, %q", strings.Join(args, " "), r.code, r.err)
		}
		return r.out
	}
	w.crowd.waitForAnswers(t, 20, silence)
	if out := dragoman("queue", "list", "dead"); out != "There is none.\n" {
		t.Errorf("before anything failed there is %q", out)
	}
	const later, never = 100, 101
	ids, commands := make(map[int]string), make(map[int]*command)
	for _, who := range []int{later, never} {
		commands[who], ids[who] = w.deadLetter(t, who, dragoman)
	}

	kind := "outbox:" + botDomain
	if out := dragoman("queue"); !regexp.MustCompile(regexp.QuoteMeta(kind) + ` +\d+ +\d+ +\d+ +2 `).MatchString(out) {
		t.Errorf("the list of kinds shows no two dead ones:\n%s", out)
	}
	out := dragoman("outbox", "failed")
	for _, want := range []string{"failed", "p100@" + crowdDomain, "p101@" + crowdDomain, "not-acceptable", "is now subscribed"} {
		if !strings.Contains(out, want) {
			t.Errorf("the failed messages lack %q:\n%s", want, out)
		}
	}
	for _, state := range []string{"all", "acknowledged"} {
		if out := dragoman("outbox", state); !strings.Contains(out, "acknowledged") {
			t.Errorf("the messages in the state %q are\n%s", state, out)
		}
	}
	if out := dragoman("outbox"); !strings.Contains(out, "p100@") || strings.Contains(out, "acknowledged") {
		t.Errorf("what waits or failed is\n%s", out)
	}
	if out := dragoman("queue", "show", ids[later]); !strings.Contains(out, "dead") || !strings.Contains(out, "not-acceptable") || !strings.Contains(out, `"ID":`) {
		t.Errorf("the job is\n%s", out)
	}
	// Administrators are told of all that failed in a minute at its end.
	if told := w.crowd.toldBoss(); told == "" && !strings.Contains(dragoman("queue", "list", "ready", "--kind", "alert"), "alert") {
		t.Error("the administrator was told nothing, and is not going to be")
	}

	w.crowd.refuse(later, false)
	if out := dragoman("queue", "retry", ids[later]); !strings.Contains(out, "job "+ids[later]+" is due now") {
		t.Errorf("retry says %q", out)
	}
	select {
	case <-commands[later].answer:
	case <-time.After(silence):
		t.Error("what was retried did not arrive")
	}
	if out := dragoman("queue", "drop", ids[never]); !strings.Contains(out, "job "+ids[never]+" is dropped") {
		t.Errorf("drop says %q", out)
	}
	for _, command := range []string{"show", "drop", "retry"} {
		if r := invoke("", "queue", command, ids[never], "-c", w.file); r.code != 1 || !strings.Contains(r.err, ids[never]) {
			t.Errorf("%s of what was dropped: exit %d, %q", command, r.code, r.err)
		}
	}
	for began := time.Now(); long(t) && w.crowd.toldBoss() == "" && time.Since(began) < 70*time.Second; {
		time.Sleep(100 * time.Millisecond)
	}
	if told := w.crowd.toldBoss(); long(t) && (!strings.Contains(told, "p100@"+crowdDomain) || strings.Count(told, "It is kept.") > 2) {
		t.Errorf("the administrator is told %q", told)
	}
	w.end(t)
	if out := dragoman("queue", "list", "dead"); out != "There is none.\n" {
		t.Errorf("at the end there is %q", out)
	}
	w.book.forget(t, never)
	w.book.judge(t, slices.DeleteFunc(w.crowd.all(), func(cmd command) bool { return cmd.who == never }), 20)
}

// deadLetter has a member whose server refuses all give a command, and returns
// it and the number of the job that its answer became.
func (w *working) deadLetter(t *testing.T, who int, dragoman func(...string) string) (cmd *command, id string) {
	t.Helper()
	w.crowd.refuse(who, true)
	cmd = w.crowd.newCommand(who, 0)
	if err := w.crowd.session.Send(context.Background(), cmd.stanza()); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(fmt.Sprintf(`(?m)^(\d+) .*to p%d@`, who))
	for began := time.Now(); time.Since(began) < silence; time.Sleep(20 * time.Millisecond) {
		if found := line.FindStringSubmatch(dragoman("queue", "list", "dead")); found != nil {
			return cmd, found[1]
		}
	}
	t.Fatalf("the answer to p%d became no dead letter", who)
	return nil, ""
}
