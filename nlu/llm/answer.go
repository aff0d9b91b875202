package llm

import (
	"errors"
	"fmt"
	"slices"

	openai "github.com/sashabaranov/go-openai"

	"dragoman/nlu"
)

// MaxCalls is how many wishes one message may hold.
const MaxCalls = 3

// stage is the name that Intent.Stage carries.
const stage = "llm"

// Result is what the model made of a message: intents, an answer in its own
// words, or neither. Why always says what happened.
type Result struct {
	// Intents are the commands that the message asks for, in its order, at most
	// MaxCalls. Required slots may be absent; defaults are filled in.
	Intents []nlu.Intent
	// Confirm says that nothing of it may run before the person has said yes.
	Confirm bool
	// Answer is what the model says in its own words where FreeAnswers allows
	// it: plain text of at most 2,000 bytes. It is shown and nothing else.
	Answer string
	// Nearest are the commands that the model meant where its answer was refused:
	// to be offered like those of an nlu.Miss, never run.
	Nearest []string
	Why     string // for people who debug; it may repeat what the model wrote
	Tokens  int    // what it cost the person
}

// read makes a Result of what the model answered. box is nil where no tools
// were offered.
func (c *Client) read(r Request, box *toolbox, choice openai.ChatCompletionChoice) Result {
	msg := choice.Message
	switch {
	case choice.FinishReason == openai.FinishReasonContentFilter || msg.Refusal != "":
		return Result{Why: "the model refused to answer"}
	case len(msg.ToolCalls) > 0:
		return c.readCalls(r, box, choice)
	case !c.o.FreeAnswers:
		return Result{Why: "the model knows no command for it"}
	}
	text := cut(c.o.Key.redact(speakable(msg.Content)), maxAnswer)
	if text == "" {
		return Result{Why: "the model had nothing to say"}
	}
	return Result{Answer: text, Why: "the model knows no command for it and answered itself"}
}

// readCalls makes intents of all calls, or of none.
func (c *Client) readCalls(r Request, box *toolbox, choice openai.ChatCompletionChoice) Result {
	calls := choice.Message.ToolCalls
	switch {
	case box == nil:
		return Result{Why: "refused: the model called a tool, and there were none"}
	case choice.FinishReason == openai.FinishReasonLength:
		return Result{Why: "refused: the model's answer was cut off"}
	case len(calls) > MaxCalls:
		return Result{Why: fmt.Sprintf("refused: the model wants %d things at once", len(calls))}
	}
	rd := reader{c, newMessage(r.Text)}
	var res Result
	for _, call := range calls {
		one, shared, err := rd.call(box, call)
		if err != nil {
			return Result{Nearest: box.meant(calls), Why: "refused: " + err.Error()}
		}
		if slices.ContainsFunc(res.Intents, func(in nlu.Intent) bool { return sameIntent(in, one.intent) }) {
			continue // said twice is meant once
		}
		if one.confirm == "" && shared {
			one.confirm = "it changes what others see"
		}
		if one.confirm != "" {
			one.intent.Why += ", to be confirmed: " + one.confirm
			res.Confirm = true
		}
		res.Intents = append(res.Intents, one.intent)
	}
	res.Why = fmt.Sprintf("the model called %d of the commands", len(res.Intents))
	return res
}

func sameIntent(a, b nlu.Intent) bool {
	return a.Command == b.Command && slices.EqualFunc(a.Slots, b.Slots, func(x, y nlu.Value) bool {
		return x.Slot == y.Slot && x.Text == y.Text
	})
}

// meant are the commands that the calls name, whatever else is wrong with them.
func (b *toolbox) meant(calls []openai.ToolCall) []string {
	var names []string
	for _, call := range calls {
		if t, ok := b.tools[call.Function.Name]; ok && !slices.Contains(names, t.command.Name) {
			names = append(names, t.command.Name)
		}
	}
	return names
}

// call reads one call of a tool.
func (rd reader) call(box *toolbox, call openai.ToolCall) (reading, bool, error) {
	t, ok := box.tools[call.Function.Name]
	if !ok || call.Type != openai.ToolTypeFunction && call.Type != "" {
		return reading{}, false, fmt.Errorf("the model called %s, which was not offered", rd.c.quote(call.Function.Name))
	}
	cmd := t.command
	args, err := arguments(call.Function.Arguments)
	if err != nil {
		return reading{}, false, fmt.Errorf("the arguments of %s: %w", cmd.Name, err)
	}
	r := reading{intent: nlu.Intent{Command: cmd.Name, Stage: stage, Score: ScoreLikely}}
	given := make(map[string]string, len(args))
	sure := ""
	for _, a := range args {
		if a.name == certainty {
			sure = a.text
			continue
		}
		slot, ok := t.slots.names[a.name]
		if !ok {
			return r, false, fmt.Errorf("%s has no slot %s", cmd.Name, rd.c.quote(a.name))
		}
		given[slot] = a.text
	}
	for _, s := range cmd.Slots {
		if raw, ok := given[s.Name]; ok {
			if err := rd.add(&r, s, raw); err != nil {
				return r, false, fmt.Errorf("%s: %w", cmd.Name, err)
			}
		} else if s.Default != "" {
			r.intent.Slots = append(r.intent.Slots, nlu.Value{Slot: s.Name, Text: s.Default})
		}
	}
	if err := r.judge(sure); err != nil {
		return r, false, fmt.Errorf("%s: %w", cmd.Name, err)
	}
	return r, cmd.Shared, nil
}

// judge takes what the model says of its own certainty.
func (r *reading) judge(sure string) error {
	switch sure {
	case "certain":
		r.intent.Score = ScoreCertain
	case "likely", "":
		r.intent.Score = ScoreLikely
	case "unsure":
		r.intent.Score = ScoreUnsure
		if r.confirm == "" {
			r.confirm = "the model is unsure"
		}
	default:
		return errors.New("the model's certainty is none that was offered")
	}
	r.intent.Why = "the model called it and is " + or(sure, "silent about how sure it is")
	return nil
}
