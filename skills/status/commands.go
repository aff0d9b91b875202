package status

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"dragoman/bot"
	"dragoman/nlu"
	"dragoman/skills/status/check"
)

//go:embed phrases.txt
var phrases string

type machineArgs struct {
	Machine string `slot:"machine,rest" help:"The machine's name." ask:"Which machine?"`
}

type addArgs struct {
	Name   string `slot:"name" help:"What to call it." ask:"What is the machine called?"`
	Check  string `slot:"check" help:"How to find out how it is." ask:"How shall I check it?"`
	Target string `slot:"target,optional,rest" help:"What to check, such as 127.0.0.1:22 for tcp."`
}

// Commands are what people can say.
func (s *Skill) Commands() []*bot.Cmd {
	machines := func(context.Context) ([]string, error) { return s.watch.sorted(), nil }
	return bot.Speak("skills/status/phrases.txt", phrases,
		bot.Command("get-status", s.getStatus).
			Summary("say how a machine is").
			Needs("status.read").
			Suggest("machine", machines),
		bot.Command("list machines", s.list).
			Summary("list the machines that I watch").
			Needs("status.read"),
		bot.Command("subscribe", s.subscribe).
			Summary("be told when a machine changes").
			Needs("status.subscribe").Changes(bot.ChangesOwn).
			Suggest("machine", machines),
		bot.Command("unsubscribe", s.unsubscribe).
			Summary("no longer be told about a machine").
			Needs("status.subscribe").Changes(bot.ChangesOwn).
			Suggest("machine", machines),
		bot.Command("subscriptions", s.subscriptions).
			Summary("list the machines that you are told about here").
			Needs("status.read"),
		bot.Command("add machine", s.add).
			Summary("watch one more machine").
			Needs("status.manage").Changes(bot.ChangesShared).
			Suggest("check", func(context.Context) ([]string, error) { return kindNames(), nil }),
		bot.Command("remove machine", s.remove).
			Summary("no longer watch a machine that was added in chat").
			Needs("status.manage").Changes(bot.ChangesShared).
			Suggest("machine", machines),
	)
}

func kindNames() []string {
	var names []string
	for _, k := range check.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// find is the machine of that name, or an error that offers the nearest and asks
// again.
func (s *Skill) find(name string) (*machine, error) {
	if m, ok := s.watch.get(name); ok {
		return m, nil
	}
	name = word(name)
	if m, ok := s.watch.get(name); ok {
		return m, nil
	}
	name = strings.Trim(name, " \"'“”„«»‘’‚‹›?!.,;:") // as people write a name in a sentence
	if m, ok := s.watch.get(name); ok {
		return m, nil
	}
	near := nlu.Nearest(name, s.watch.sorted(), 3)
	if len(near) == 0 {
		return nil, bot.Wrong("machine", "I know no machine %q. Say list machines to see them all.", nlu.Cut(name))
	}
	return nil, bot.Wrong("machine", "I know no machine %q. Did you mean %s?", nlu.Cut(name), strings.Join(near, " or "))
}

// known is the machine of that name, checked at once if nothing recent is known
// of it.
func (s *Skill) known(ctx context.Context, name string) (*machine, error) {
	m, err := s.find(name)
	if err == nil {
		s.watch.refresh(ctx, m)
	}
	return m, err
}

func (s *Skill) getStatus(ctx context.Context, _ *bot.Request, args machineArgs) (bot.Reply, error) {
	m, err := s.known(ctx, args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(s.describe(m)), nil
}

// describe is the state of a machine in a sentence.
func (s *Skill) describe(m *machine) string {
	st, now := s.watch.status(m), s.deps.Clock.Now()
	switch {
	case st.latest.At.IsZero():
		return m.Name + " has not been checked yet; ask again in a moment"
	case s.watch.stale(st, m.Timeout):
		return fmt.Sprintf("%s has not been checked for %s; ask again in a moment", m.Name, check.Span(now.Sub(st.latest.At)))
	}
	state, since := st.where()
	span := check.Span(now.Sub(since))
	var line string
	switch state {
	case check.Up:
		return fmt.Sprintf("%s is currently running for %s", m.Name, span)
	case check.Down:
		line = fmt.Sprintf("%s is down for %s", m.Name, span)
	default:
		line = fmt.Sprintf("%s is in an unknown state for %s", m.Name, span)
	}
	if st.latest.State == state && st.latest.Detail != "" {
		line += ": " + st.latest.Detail
	}
	return line
}

// maxListed is how many machines one reply lists.
const maxListed = 50

func (s *Skill) list(_ context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
	names := s.watch.sorted()
	if len(names) == 0 {
		return bot.Say("I watch no machine yet. An administrator adds one: add machine web1 tcp 127.0.0.1:22"), nil
	}
	r := bot.Reply{Text: "I watch:", Table: &bot.Table{}}
	if len(names) > maxListed {
		r.Text = fmt.Sprintf("I watch %d machines; these are the first %d:", len(names), maxListed)
		names = names[:maxListed]
	}
	now := s.deps.Clock.Now()
	for _, name := range names {
		m, ok := s.watch.get(name)
		if !ok {
			continue // removed this very moment
		}
		row := []string{m.Name, "not checked yet"}
		if st := s.watch.status(m); !s.watch.stale(st, m.Timeout) {
			state, since := st.where()
			row = []string{m.Name, state.String(), check.Span(now.Sub(since))}
		}
		r.Table.Rows = append(r.Table.Rows, row)
	}
	return r, nil
}

// place is the subscription that this person would have here.
func (s *Skill) place(r *bot.Request, name string) subscription {
	d := r.Subscriber()
	return subscription{
		Machine: key(name), Transport: d.Transport, Address: string(d.To), Person: string(r.Sender.Account),
		Own: string(d.From), Room: d.Room, Since: s.deps.Clock.Now().UnixMilli(),
	}
}

// subscribe runs in a transaction, so it waits for no check.
func (s *Skill) subscribe(ctx context.Context, r *bot.Request, args machineArgs) (bot.Reply, error) {
	m, err := s.find(args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	isNew, err := s.store.subscribe(ctx, s.place(r, m.Name), m.fixed)
	switch {
	case errors.Is(err, errRemoved):
		return bot.Reply{}, bot.Refuse("%s has just been removed.", m.Name)
	case err != nil:
		return bot.Reply{}, &bot.Error{Text: "I could not store the subscription.", Err: err}
	}
	s.deps.DB.AfterCommit(ctx, func() { s.watch.hurry(m) })
	already := "now"
	if !isNew {
		already = "already"
	}
	return bot.Sayf("%s is %s subscribed to changes to %s", r.SenderName(ctx), already, m.Name), nil
}

func (s *Skill) unsubscribe(ctx context.Context, r *bot.Request, args machineArgs) (bot.Reply, error) {
	m, err := s.find(args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	found, err := s.store.unsubscribe(ctx, s.place(r, m.Name))
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not remove the subscription.", Err: err}
	}
	if !found {
		return bot.Sayf("%s is not subscribed to changes to %s here", r.SenderName(ctx), m.Name), nil
	}
	return bot.Sayf("%s is no longer subscribed to changes to %s", r.SenderName(ctx), m.Name), nil
}

func (s *Skill) subscriptions(ctx context.Context, r *bot.Request, _ struct{}) (bot.Reply, error) {
	keys, err := s.store.subscriptions(ctx, s.place(r, ""))
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not read the subscriptions.", Err: err}
	}
	var names []string
	for _, k := range keys {
		if m, ok := s.watch.get(k); ok {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return bot.Sayf("%s is subscribed to nothing here", r.SenderName(ctx)), nil
	}
	return bot.Sayf("%s is subscribed to changes to %s", r.SenderName(ctx), strings.Join(names, ", ")), nil
}

func (s *Skill) add(ctx context.Context, r *bot.Request, args addArgs) (bot.Reply, error) {
	name, err := tidyName(args.Name)
	if err != nil {
		return bot.Reply{}, err
	}
	if taken, ok := s.watch.get(name); ok {
		return bot.Reply{}, errTaken(taken.Name)
	}
	spec := check.Spec{Kind: strings.ToLower(args.Check), Target: strings.TrimSpace(args.Target)}
	m, err := s.watch.prepare(Machine{Name: name, Spec: spec}, false, stateRow{})
	if err != nil {
		return bot.Reply{}, bot.Refuse("I cannot watch %s: %v", name, err)
	}
	added, err := s.store.addMachine(ctx, m.Machine, s.leftOut.has(name), string(r.Sender.Account), s.deps.Clock.Now())
	switch {
	case err != nil:
		return bot.Reply{}, &bot.Error{Text: "I could not store the machine.", Err: err}
	case !added: // by somebody else, this very moment
		return bot.Reply{}, errTaken(name)
	}
	s.deps.DB.AfterCommit(ctx, func() { s.added(m) })
	return bot.Sayf("I now watch %s", name), nil
}

// added watches a machine that is stored.
func (s *Skill) added(m *machine) {
	s.leftOut.remove(m.Name)
	if err := s.watch.insert(m); err != nil {
		s.log.Error("a machine that was added is not watched before the next start", "machine", m.Name, "err", err)
	}
}

func (s *Skill) remove(ctx context.Context, _ *bot.Request, args machineArgs) (bot.Reply, error) {
	m, err := s.find(args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	if m.fixed {
		return bot.Reply{}, bot.Refuse("%s is declared in skills.yaml; take it out there.", m.Name)
	}
	if err := s.store.removeMachine(ctx, m.Name); err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not remove the machine.", Err: err}
	}
	s.deps.DB.AfterCommit(ctx, func() { s.watch.remove(m) })
	return bot.Sayf("I no longer watch %s", m.Name), nil
}
