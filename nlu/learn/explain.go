package learn

import (
	"fmt"
	"strings"

	"dragoman/nlu"
)

// Explain says in lines for people how a text was read: the language, what was
// recognised, the labels with their probabilities, what the refusal judged from,
// and the readings that came of it.
func (s *Stage) Explain(text, lang string) []string {
	x := s.pool.Get().(*scratch)
	defer s.done(x)
	s.read(x, text, lang)
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var spoken []string
	for _, g := range s.speaks.Rank(nil, text, x.skip...)[:3] {
		name := g.Language
		switch {
		case name == "":
			name = "unknown"
		case !g.Configured:
			name += " (not configured)"
		}
		spoken = append(spoken, fmt.Sprintf("%s %.2f", name, g.P))
	}
	say("language: %s", strings.Join(spoken, ", "))
	for i := range x.entities {
		e := &x.entities[i]
		line := fmt.Sprintf("entity: %s %q", e.Kind, e.Text)
		if e.Distance > 0 {
			line += fmt.Sprintf(", %d mistakes", e.Distance)
		}
		if !e.Known {
			line += ", not known"
		}
		say("%s", line)
	}
	for _, top := range x.result.Top[:x.result.N] {
		say("label: %.3f %s", top.P, top.Label)
	}
	if x.n > 0 {
		say("judge: begins with %+.3f", s.judge.Bias)
	}
	for i, v := range x.signals {
		if x.n > 0 {
			say("  %-16s %8.3f  adds %+.3f", signalNames[i], v, s.judge.contribution(i, v))
		}
	}
	for i := range x.n {
		r := &x.readings[i]
		say("reading: %.3f %s%s", r.score, r.command.name, slotsLine(x.values[r.from:r.to]))
	}
	say("bands: act from %.2f, ask from %.2f", s.act, s.ask)
	return out
}

func slotsLine(values nlu.Values) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, " %s=%q", v.Slot, v.Text)
		if !v.Known {
			b.WriteString("?")
		}
	}
	return b.String()
}
