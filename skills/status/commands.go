package status

import (
	"context"
	"fmt"
	"strings"

	"dragoman/bot"
	"dragoman/nlu"
	"dragoman/skills/status/check"
)

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
	machines := func(context.Context) ([]string, error) { return s.names(), nil }
	return []*bot.Cmd{
		bot.Command("get-status", s.getStatus).
			Summary("say how a machine is").
			Say("en", "[what is|what's|show me|show] [the] status of {machine}", "[how is|how's] {machine} [doing]",
				"is {machine} (up|down|alive|running|online)").
			Needs("status.read").
			Suggest("machine", machines),
		bot.Command("list machines", s.list).
			Summary("list the machines that I watch").
			Say("en", "(which|what) machines (do you watch|are there)", "show [me] [all|the] machines").
			Needs("status.read"),
		bot.Command("subscribe", s.subscribe).
			Summary("be told when a machine changes").
			Say("en", "(tell|notify) me (when|if) {machine} (changes|goes down)", "watch {machine} for me").
			Needs("status.subscribe").Changes(bot.ChangesOwn).
			Suggest("machine", machines),
		bot.Command("unsubscribe", s.unsubscribe).
			Summary("no longer be told about a machine").
			Say("en", "stop telling me about {machine}").
			Needs("status.subscribe").Changes(bot.ChangesOwn).
			Suggest("machine", machines),
		bot.Command("subscriptions", s.subscriptions).
			Summary("list the machines that you are told about here").
			Say("en", "what am I subscribed to").
			Needs("status.read"),
		bot.Command("add machine", s.add).
			Summary("watch one more machine").
			Needs("status.manage").Changes(bot.ChangesShared).
			Suggest("check", func(context.Context) ([]string, error) { return kindNames(), nil }),
		bot.Command("remove machine", s.remove).
			Summary("no longer watch a machine that was added in chat").
			Needs("status.manage").Changes(bot.ChangesShared).
			Suggest("machine", machines),
	}
}

// names are the machines by name.
func (s *Skill) names() []string {
	all := s.watch.all()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}

func kindNames() []string {
	var names []string
	for _, k := range check.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// find is the machine of that name, or an error that offers the nearest.
func (s *Skill) find(name string) (machine, error) {
	if m, ok := s.watch.get(name); ok {
		return m, nil
	}
	name = strings.Trim(name, " \"'“”„«»?!.,;") // as people write a name in a sentence
	if m, ok := s.watch.get(name); ok {
		return m, nil
	}
	near := nlu.Nearest(name, s.names(), 3)
	if len(near) == 0 {
		return machine{}, bot.Refuse("I know no machine %q. Say list machines to see them all.", nlu.Cut(name))
	}
	return machine{}, bot.Refuse("I know no machine %q. Did you mean %s?", nlu.Cut(name), strings.Join(near, " or "))
}

// known is the machine of that name, checked at once if it never was: it was
// just added, or the bot has just started.
func (s *Skill) known(ctx context.Context, name string) (machine, error) {
	m, err := s.find(name)
	if err != nil || m.known {
		return m, err
	}
	s.watch.look(ctx, key(m.Name), m.check)
	return s.find(m.Name)
}

func (s *Skill) getStatus(ctx context.Context, _ *bot.Request, args machineArgs) (bot.Reply, error) {
	m, err := s.known(ctx, args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(s.describe(m)), nil
}

// describe is the state of a machine in a sentence.
func (s *Skill) describe(m machine) string {
	if !m.known {
		return fmt.Sprintf("%s has not been checked yet; ask again in a moment", m.Name)
	}
	span := check.Span(s.deps.Clock.Now().Sub(m.since))
	var line string
	switch m.state {
	case check.Up:
		return fmt.Sprintf("%s is currently running for %s", m.Name, span)
	case check.Down:
		line = fmt.Sprintf("%s is down for %s", m.Name, span)
	default:
		line = fmt.Sprintf("%s is in an unknown state for %s", m.Name, span)
	}
	if m.latest.State == m.state && m.latest.Detail != "" {
		line += ": " + m.latest.Detail
	}
	return line
}

// maxListed is how many machines one reply lists.
const maxListed = 50

func (s *Skill) list(_ context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
	all := s.watch.all()
	if len(all) == 0 {
		return bot.Say("I watch no machine yet. An administrator adds one: add machine web1 tcp 127.0.0.1:22"), nil
	}
	r := bot.Reply{Text: "I watch:", Table: &bot.Table{}}
	if len(all) > maxListed {
		r.Text = fmt.Sprintf("I watch %d machines; these are the first %d:", len(all), maxListed)
		all = all[:maxListed]
	}
	for _, m := range all {
		state, span := "not checked yet", ""
		if m.known {
			state, span = m.state.String(), check.Span(s.deps.Clock.Now().Sub(m.since))
		}
		r.Table.Rows = append(r.Table.Rows, []string{m.Name, state, span})
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

func (s *Skill) subscribe(ctx context.Context, r *bot.Request, args machineArgs) (bot.Reply, error) {
	// A change is one from a state that was known.
	m, err := s.known(ctx, args.Machine)
	if err != nil {
		return bot.Reply{}, err
	}
	isNew, err := s.store.subscribe(ctx, s.place(r, m.Name))
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not store the subscription.", Err: err}
	}
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
	m := Machine{Name: name, Spec: check.Spec{Kind: args.Check, Target: strings.TrimSpace(args.Target)}}
	if err := s.watch.add(m, false, stateRow{}); err != nil {
		return bot.Reply{}, bot.Refuse("%v", err)
	}
	if err := s.store.addMachine(ctx, m, string(r.Sender.Account), s.deps.Clock.Now()); err != nil {
		s.watch.remove(name)
		return bot.Reply{}, &bot.Error{Text: "I could not store the machine.", Err: err}
	}
	return bot.Sayf("I now watch %s", name), nil
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
	s.watch.remove(m.Name)
	return bot.Sayf("I no longer watch %s", m.Name), nil
}
