package outbox_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/bottest"
	"dragoman/bot/outbox/outboxtest"
	"dragoman/internal/clock"
)

// desk is a chat with the skill, over an outbox that leads to a world.
func desk(t *testing.T, cfg bot.Config) (*bottest.Chat, *process, *outboxtest.World) {
	t.Helper()
	w := outboxtest.NewWorld()
	p := sqlite(t).start(t, clock.System{}, map[string]bot.Transport{outboxtest.TransportName: w.Courier()})
	chat := bottest.Start(t, cfg, p.Skill())
	t.Cleanup(p.stop) // before the chat looks for goroutines
	return chat, p, w
}

func TestTheSkillConforms(t *testing.T) {
	p := sqlite(t).assemble(t, clock.System{}, nil)
	bottest.Conform(t, p.Skill())
}

func TestAdministratorsLookAfterTheOutbox(t *testing.T) {
	chat, p, w := desk(t, bot.Config{})
	ask := func(text string) string {
		t.Helper()
		return chat.Ask(bottest.Direct("admin", text))
	}
	if got := ask("outbox"); got != "Nothing waits, and nothing failed." {
		t.Errorf("an empty outbox: %s", got)
	}
	w.Plan("john", outboxtest.Refusal)
	add(t, p, message("john", "a", "the first line\nand the second"))
	p.Sent(t.Context(), "a")
	var id int64
	for id == 0 {
		for _, e := range entries(t, p, "failed") {
			id = e.ID
		}
	}
	has := func(got string, want ...string) {
		t.Helper()
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%q is not in\n%s", part, got)
			}
		}
	}
	has(ask("outbox"), "failed", "john", "the first line", "the world is like that")
	has(ask("outbox failed"), "john")
	has(ask("outbox all"), "john")
	has(ask("outbox waiting"), "There is no such message.")
	has(ask("outbox nonsense"), "Messages are waiting, sent")
	has(ask("queue list"), "dead", "outbox:wire")
	has(ask("queue list done"), "There is no such job.")
	has(ask("queue list nonsense"), "Jobs are ready")
	has(ask(fmt.Sprintf("queue show %d", id)), "the first line", "and the second", "to john", "dead", "the world is like that")
	has(ask("queue show 4711"), "There is no job 4711")
	has(ask("queue retry 4711"), "There is no job 4711")
	has(ask(fmt.Sprintf("queue retry %d", id)), "is tried again")
	for len(w.Got("john")) == 0 {
		<-w.Changed()
	}
	if got := w.Got("john")[0].Reply.Text; got != "the first line\nand the second" {
		t.Errorf("after the retry John read %q", got)
	}
	for len(entries(t, p, "acknowledged")) == 0 { // as soon as the fate is noted
		runtime.Gosched()
	}
	has(ask(fmt.Sprintf("queue retry %d", id)), "cannot be done")
	has(ask(fmt.Sprintf("queue drop %d", id)), "is dropped")
	has(ask(fmt.Sprintf("queue show %d", id)), "There is no job")
}

func TestTheListsAreForAdministratorsAndTheirEyesOnly(t *testing.T) {
	policy := access.New([]string{string(bottest.Account("admin"))})
	chat, p, w := desk(t, bot.Config{Access: policy})
	w.Close("15551234567@sms.test")
	add(t, p, message("15551234567@sms.test", "a", "a secret"))
	for _, c := range p.Skill().Commands() {
		if got := chat.Ask(bottest.InRoom("john", "ops", c.Name()+" 1")); !strings.Contains(got, "is for administrators") {
			t.Errorf("%s: everybody reads %s", c.Name(), got)
		}
		chat.Send(bottest.InRoom("admin", "ops", c.Name()+" 1"))
		if out := chat.Next(t); out.Room {
			t.Errorf("%s: the room reads %s", c.Name(), out.Reply.Plain())
		}
		chat.Send(bottest.InRoom("admin", "ops", c.Name()+" 4711"))
		if out := chat.Next(t); out.Room {
			t.Errorf("%s: the room reads %s", c.Name(), out.Reply.Plain())
		}
	}
	chat.Send(bottest.InRoom("admin", "ops", "outbox"))
	if out := chat.Next(t); out.Room || out.To != bottest.Room("ops")+"/admin" {
		t.Errorf("answered to %+v", out.Destination)
	}
}

// What people write to the bot, and what far servers give as a reason, is shown
// to administrators in a terminal or a client.
func TestNothingThatStrangersWroteDrawsInTheLists(t *testing.T) {
	const wild = "a\u009b2Jb\u202ec\u2066d\u2028e"
	chat, p, w := desk(t, bot.Config{})
	w.Plan("john"+wild, outboxtest.Refusal)
	add(t, p, message("john"+wild, "a", wild+"\nsecond"))
	p.Sent(t.Context(), "a")
	var id int64
	for id == 0 {
		for _, e := range entries(t, p, "failed") {
			id = e.ID
		}
	}
	for _, ask := range []string{"outbox", "queue list", fmt.Sprintf("queue show %d", id)} {
		got := chat.Ask(bottest.Direct("admin", ask))
		if strings.ContainsAny(got, "\u009b\u202e\u2066\u2028") {
			t.Errorf("%s: %q", ask, got)
		}
		if ask != "queue list" && !strings.Contains(got, "a\ufffd2Jb\ufffdc\ufffdd\ufffde") {
			t.Errorf("%s does not show what was replaced: %q", ask, got)
		}
	}
	if got := chat.Ask(bottest.Direct("admin", fmt.Sprintf("queue show %d", id))); !strings.Contains(got, "\nsecond") {
		t.Errorf("the second line is lost: %q", got)
	}
}

func TestARetryOfWhatMayHaveArrivedSaysThatItIsSentAsItWas(t *testing.T) {
	chat, p, w := desk(t, bot.Config{})
	w.Plan("john", outboxtest.Refusal)
	add(t, p, message("john", "a", "pay twice"))
	p.Sent(t.Context(), "a")
	for len(entries(t, p, "failed")) == 0 {
		runtime.Gosched()
	}
	id := entries(t, p, "failed")[0].ID
	exec(t, p.db, "UPDATE queue_jobs SET state = 'unknown'")
	if got := chat.Ask(bottest.Direct("admin", fmt.Sprintf("queue retry %d", id))); !strings.Contains(got, "is sent again as it was") {
		t.Errorf("the administrator reads %q", got)
	}
	for len(w.Got("john")) == 0 {
		<-w.Changed()
	}
	if got := w.Got("john")[0].Reply.Text; got != "pay twice" {
		t.Errorf("John reads %q", got)
	}
}
