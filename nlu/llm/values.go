package llm

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dragoman/nlu"
)

// reader turns the arguments of calls into the values of slots.
type reader struct {
	c *Client
	m *message
}

// reading is what became of one call.
type reading struct {
	intent  nlu.Intent
	confirm string // why somebody has to confirm it, or ""
	taken   []span
}

// add puts one value into the reading. The error says why it cannot be.
func (rd reader) add(r *reading, s nlu.Slot, raw string) error {
	v := nlu.Value{Slot: s.Name}
	var at span
	var err error
	switch {
	case s.Kind == nlu.KindBool:
		v.Text, at, err = rd.bit(s, raw)
	case s.Kind == nlu.KindInt || s.Kind == nlu.KindNumber || s.Kind == nlu.KindDuration:
		v.Text, at, err = rd.measure(s, raw)
	case rd.c.listed(s.Kind):
		v.Known = true
		v.Text, at, err = rd.name(s, raw, r.taken)
	default:
		if at = rd.m.phrase(raw, r.taken); at.none() {
			return fmt.Errorf("%s is not in the message: %s", s.Name, rd.c.quote(raw))
		}
		if v.Text = rd.m.text[at.start:at.end]; !s.Rest {
			v.Text = nlu.Compose(v.Text)
		}
	}
	if err != nil {
		return err
	}
	if at.none() {
		r.confirm = "nothing in the message stands for " + s.Name
	} else {
		v.Start, v.End = at.start, at.end
		r.taken = append(r.taken, at)
	}
	r.intent.Slots = append(r.intent.Slots, v)
	return nil
}

// bit reads a bool. A word for it, or the name of the slot for a true one, may
// stand in the message or not.
func (rd reader) bit(s nlu.Slot, raw string) (string, span, error) {
	canon, ok := nlu.Canon(s.Kind, raw)
	if !ok {
		return "", span{}, fmt.Errorf("%s is neither yes nor no: %s", s.Name, rd.c.quote(raw))
	}
	at := rd.m.meaning(func(text string) bool {
		is, ok := nlu.Canon(s.Kind, text)
		return ok && is == canon
	})
	if at.none() && canon == "true" {
		at = rd.m.phrase(strings.ReplaceAll(s.Name, "_", " "), nil)
	}
	return canon, at, nil
}

// measure reads a number or a length of time, which the message has to hold.
func (rd reader) measure(s nlu.Slot, raw string) (string, span, error) {
	canon, ok := rd.canon(s.Kind, raw)
	if !ok {
		return "", span{}, fmt.Errorf("%s is no %s: %s", s.Name, s.Kind, rd.c.quote(raw))
	}
	at := rd.m.meaning(func(text string) bool {
		is, ok := rd.canon(s.Kind, text)
		return ok && same(s.Kind, is, canon)
	})
	if at.none() {
		return "", at, fmt.Errorf("%s is not in the message: %s", s.Name, rd.c.quote(raw))
	}
	return canon, at, nil
}

// canon is nlu.Canon that also reads number words, what the Resolver knows, and
// a number with something behind it.
func (rd reader) canon(kind, text string) (string, bool) {
	if len(text) > 100 {
		return "", false
	}
	if v, ok := nlu.Canon(kind, text); ok {
		return v, true
	}
	if v, ok := nlu.Canon(kind, spelled(text, kind == nlu.KindDuration)); ok {
		return v, true
	}
	if r := rd.c.o.Resolver; r != nil {
		if v, ok := r.Resolve(kind, text); ok {
			return nlu.Canon(kind, v)
		}
	}
	switch kind {
	case nlu.KindDuration:
		return "", false
	case nlu.KindInt:
		text = strings.TrimSuffix(text, ".0") // as some models write it
	}
	return nlu.Canon(kind, digits(text))
}

// same compares two canonical values: 3.50 is 3.5, and 90m is 1h30m.
func same(kind, a, b string) bool {
	switch kind {
	case nlu.KindNumber, nlu.KindInt:
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		return errX == nil && errY == nil && x == y && (kind == nlu.KindNumber || len(a) < 16 || a == b)
	case nlu.KindDuration:
		x, errX := time.ParseDuration(a)
		y, errY := time.ParseDuration(b)
		return errX == nil && errY == nil && x == y
	}
	return a == b
}

// name reads a name of a list, which has to resolve. The span is none where the
// message has no other way to say it.
func (rd reader) name(s nlu.Slot, raw string, taken []span) (string, span, error) {
	resolve := func(string, string) (string, bool) { return "", false }
	if r := rd.c.o.Resolver; r != nil {
		resolve = r.Resolve
	}
	proper, ok := resolve(s.Kind, raw)
	if !ok {
		return "", span{}, fmt.Errorf("there is no %s %s", s.Kind, rd.c.quote(raw))
	}
	for _, written := range []string{raw, proper} {
		if at := rd.m.phrase(written, taken); !at.none() {
			return proper, at, nil
		}
	}
	return proper, rd.m.meaning(func(text string) bool {
		is, ok := resolve(s.Kind, text)
		return ok && is == proper
	}), nil
}

// quote repeats a piece of an answer in an explanation.
func (c *Client) quote(s string) string {
	return strconv.Quote(nlu.Cut(c.o.Key.redact(s)))
}
