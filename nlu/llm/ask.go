package llm

import (
	"context"
	"fmt"
	"strings"
)

// Source is where a text comes from.
type Source uint8

// The sources.
const (
	// Untrusted is the text of a mail or an SMS: anybody can have written it.
	// It leads to no Intent. It is the zero Source, so that nothing is trusted
	// by omission.
	Untrusted Source = iota
	// Chat is what the sender, whose rights Request.Commands reflects, wrote.
	Chat
)

// Request is one question to the model.
type Request struct {
	// Person is the key under which the tokens are counted: opaque, the same
	// for all addresses of a person, and not sent to the model.
	Person string
	Text   string // what came; Intents refer to bytes of it
	Lang   string // of the text: "en", or "" for unknown
	Source Source
	// Commands are those that the person may use here and now, at most 128.
	// Their rights are checked again when one of them is executed. They are
	// ignored for an Untrusted text.
	Commands []Command
}

// Ask asks the model once. An answer that is of no use is a Result that says
// why, without Intents and Answer. That no answer came is an *Error; commands
// that cannot be described are an error of another type, a mistake in a skill.
func (c *Client) Ask(ctx context.Context, r Request) (Result, error) {
	if c == nil {
		return Result{}, off()
	}
	chat := r.Source == Chat && len(r.Commands) > 0
	switch {
	case strings.TrimSpace(clean(r.Text)) == "":
		return Result{Why: "there is nothing to ask about"}, nil
	case !chat && !c.o.FreeAnswers:
		return Result{}, off()
	case r.Source == Chat && len(r.Text) > c.o.MaxText:
		return Result{Why: fmt.Sprintf("%d bytes are too many to ask about", len(r.Text))}, nil
	}
	var box *toolbox
	if chat {
		var err error
		if box, err = c.newToolbox(r.Commands); err != nil {
			return Result{}, err
		}
	}
	req, err := c.request(r, box)
	if err != nil {
		return Result{}, unavailable(err)
	}
	resp, tokens, err := c.complete(ctx, r.Person, req)
	if err != nil {
		return Result{Tokens: tokens}, err
	}
	res := c.read(r, box, resp.Choices[0])
	res.Tokens = tokens
	c.o.Log.Debug("the language model answered", "intents", len(res.Intents), "answer", res.Answer != "", "tokens", tokens)
	return res, nil
}
