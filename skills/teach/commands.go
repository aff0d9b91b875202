package teach

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"dragoman/bot"
	"dragoman/nlu"
)

//go:embed phrases.txt
var phrases string

type keepArgs struct {
	Which string `slot:"which,optional" kind:"keep" help:"it, always or never." default:"it"`
}

type teachArgs struct {
	Phrase  string `slot:"phrase" kind:"word" help:"What people say, in quotes." ask:"Which phrase?"`
	Command string `slot:"command,rest" kind:"line" help:"What to do then, as a command line." ask:"Which command does it mean?"`
}

type phraseArgs struct {
	Phrase string `slot:"phrase,rest" kind:"text" help:"What was taught." ask:"Which phrase?"`
}

// Commands are what people can say.
func (s *Skill) Commands() []*bot.Cmd {
	// misses and lessons change nothing; they are declared as if they did, because
	// what people said is not for everybody to read.
	return bot.Speak("skills/teach/phrases.txt", phrases,
		bot.Command("keep", s.keep).
			Summary("let administrators see what I did not understand: it, always or never").
			Needs("teach.keep").Changes(bot.ChangesOwn).Typed().
			Suggest("which", func(context.Context) ([]string, error) { return []string{"it", "always", "never"}, nil }),
		bot.Command("misses", s.misses).
			Summary("list what I did not understand").
			Needs("teach.manage").Changes(bot.ChangesShared),
		bot.Command("teach", s.teach).
			Summary(`make me understand a phrase: teach "phrase" = command`).
			Needs("teach.manage").Changes(bot.ChangesShared),
		bot.Command("lessons", s.list).
			Summary("list what I was taught").
			Needs("teach.manage").Changes(bot.ChangesShared),
		bot.Command("unteach", s.unteach).
			Summary("forget what I was taught about a phrase").
			Needs("teach.manage").Changes(bot.ChangesShared),
	)
}

// keep runs in a transaction.
func (s *Skill) keep(ctx context.Context, r *bot.Request, args keepArgs) (bot.Reply, error) {
	person := string(r.Sender.Account)
	if person == "" {
		return bot.Reply{}, bot.Refuse("I do not know who you are here, so I keep nothing of yours.")
	}
	last, ok := s.lastMiss(place(r.Message))
	which := strings.ToLower(args.Which)
	if which == "always" || which == "never" {
		if err := s.book.decide(ctx, person, which == "always"); err != nil {
			return bot.Reply{}, &bot.Error{Text: "I could not store what you decided.", Err: err}
		}
	}
	switch which {
	case "never":
		s.deps.DB.AfterCommit(ctx, func() { s.forget(place(r.Message)) })
		return bot.Say("Then I keep nothing of what you say."), nil
	case "it", "always":
	default:
		return bot.Reply{}, bot.Wrong("which", "I can keep it, always or never.")
	}
	if !ok && which == "it" {
		return bot.Reply{}, bot.Refuse("There is nothing of yours that I did not understand a moment ago.")
	}
	if ok {
		if err := s.book.missed(ctx, last.phrase, last.lang, last.at); err != nil {
			return bot.Reply{}, &bot.Error{Text: "I could not keep it.", Err: err}
		}
		s.deps.DB.AfterCommit(ctx, func() { s.forget(place(r.Message)) })
	}
	if which == "always" {
		return bot.Say("Thank you. From now on I keep what I do not understand of you, without your name. Say keep never to end that."), nil
	}
	return bot.Say("Thank you, I keep it, without your name."), nil
}

// spoken is a phrase without the quotes that it may stand in, in an answer or at
// the end of a line.
func spoken(text string) string {
	return strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(text), "\"“”„«»")), " ")
}

// maxListed is how many lines one reply lists.
const maxListed = 50

func (s *Skill) misses(ctx context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
	list, err := s.book.misses(ctx, maxListed)
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not read what I did not understand.", Err: err}
	}
	if len(list) == 0 {
		return bot.Say("Nothing that I was allowed to keep."), nil
	}
	r := bot.Reply{Text: "I did not understand:", Table: &bot.Table{}}
	for _, m := range list {
		r.Table.Rows = append(r.Table.Rows, []string{
			fmt.Sprintf("%d x", m.Times), time.UnixMilli(m.Latest).UTC().Format(time.DateOnly), "“" + m.Phrase + "”",
		})
	}
	return r, nil
}

// teach runs in a transaction.
func (s *Skill) teach(ctx context.Context, r *bot.Request, args teachArgs) (bot.Reply, error) {
	phrase := spoken(args.Phrase)
	line := nlu.Line(args.Command)
	if nlu.Line(phrase) == "" || len(phrase) > maxPhrase {
		return bot.Reply{}, bot.Wrong("phrase", "A phrase has between 1 and %d characters.", maxPhrase)
	}
	_, yesOrNo := nlu.Canon(nlu.KindBool, phrase)
	_, number := nlu.Canon(nlu.KindNumber, phrase)
	if yesOrNo || number || strings.EqualFold(phrase, "cancel") {
		return bot.Reply{}, bot.Refuse("“%s” is an answer to my own questions, so it cannot mean a command.", phrase)
	}
	in, err := s.deps.Pupil.Reads(line)
	if err != nil {
		return bot.Reply{}, bot.Wrong("command", "%v. Write the command as you would type it, such as get-status web1.", err)
	}
	if same, err := s.deps.Pupil.Reads(phrase); err == nil {
		return bot.Reply{}, bot.Refuse("“%s” is the command %s already.", phrase, same.Command)
	}
	err = s.book.put(ctx, lesson{
		Phrase: phrase, Line: line, Lang: r.Lang, TaughtBy: string(r.Sender.Account), TaughtAt: s.deps.Clock.Now().UnixMilli(),
	})
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not store the lesson.", Err: err}
	}
	s.deps.DB.AfterCommit(ctx, s.deps.Pupil.Relearn)
	return bot.Sayf("From now on “%s” means %s (the command %s).", phrase, line, in.Command), nil
}

func (s *Skill) list(ctx context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
	list, err := s.book.lessons(ctx)
	if err != nil {
		return bot.Reply{}, &bot.Error{Text: "I could not read the lessons.", Err: err}
	}
	if len(list) == 0 {
		return bot.Say(`I was taught nothing yet. Teach me: teach "what does the oracle say" = get-status web1`), nil
	}
	r := bot.Reply{Text: "I was taught:", Table: &bot.Table{}}
	if len(list) > maxListed {
		r.Text = fmt.Sprintf("I was taught %d phrases; these are the latest:", len(list))
		list = list[len(list)-maxListed:]
	}
	for _, l := range list {
		r.Table.Rows = append(r.Table.Rows, []string{"“" + l.Phrase + "”", "= " + l.Line})
	}
	return r, nil
}

// unteach runs in a transaction.
func (s *Skill) unteach(ctx context.Context, _ *bot.Request, args phraseArgs) (bot.Reply, error) {
	phrase := spoken(args.Phrase)
	found, err := s.book.drop(ctx, phrase)
	switch {
	case err != nil:
		return bot.Reply{}, &bot.Error{Text: "I could not forget the lesson.", Err: err}
	case !found:
		return bot.Reply{}, bot.Wrong("phrase", "I was taught nothing about “%s”. Say lessons to see them all.", phrase)
	}
	s.deps.DB.AfterCommit(ctx, s.deps.Pupil.Relearn)
	return bot.Sayf("I have forgotten what “%s” means.", phrase), nil
}
