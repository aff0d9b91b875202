package bottest

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"dragoman/bot"
)

// A step is one line of a script, with those that continue it.
type step struct {
	line int // of the script, from 1

	// Exactly one of the three is set.
	pass time.Duration // let time go by
	says *speech       // somebody writes to the bot
	want *speech       // the bot says

	source string
}

// speech is who says what where.
type speech struct {
	who  string // the person; whom the bot speaks to, "" for whoever spoke last
	room string // "" for a direct message
	own  bool   // from or to the bot alone, inside room
	text string
}

// place is what identifies a destination in a script: "john", "ops" in a room
// as "@ops", a private message in it as "john@ops".
func (s *speech) place() string {
	switch {
	case s.room == "":
		return s.who
	case s.own:
		return s.who + "@" + s.room
	}
	return "@" + s.room
}

// message is the speech as a transport would deliver it to a bot of that name.
func (s *speech) message(name string) *bot.Message {
	switch {
	case s.room == "":
		return Direct(s.who, s.text)
	case s.own:
		return Whispered(s.who, s.room, s.text)
	}
	if len(s.text) > len(name) && strings.EqualFold(s.text[:len(name)], name) && strings.ContainsRune(":,", rune(s.text[len(name)])) {
		return InRoom(s.who, s.room, strings.TrimSpace(s.text[len(name)+1:]))
	}
	return Overheard(s.who, s.room, s.text)
}

// The lines of a script.
var (
	passLine = regexp.MustCompile(`^\.\.\.\s*(\S+)\s*\.\.\.$`)
	botLine  = regexp.MustCompile(`^bot(?:\s*->\s*([^@:]+?)(?:@([\w.-]+))?|@([\w.-]+))?\s*:(?: +|$)`)
	sayLine  = regexp.MustCompile(`^([^@:>]+?)(?:@([\w.-]+))?(\s*->\s*bot)?\s*:(?: +|$)`)
)

// parse reads a script.
func parse(script string) ([]step, error) {
	var steps []step
	margin := margin(script)
	column := 0 // where the text of the last step begins
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		line = strings.TrimPrefix(line, margin)
		if line[0] == ' ' || line[0] == '\t' {
			if len(steps) == 0 || steps[len(steps)-1].pass != 0 {
				return nil, fmt.Errorf("line %d: %q continues nothing", i+1, line)
			}
			steps[len(steps)-1].more(continued(line, column))
			continue
		}
		s, n, err := parseStep(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		s.line, column = i+1, n
		steps = append(steps, s)
	}
	return steps, nil
}

// margin is the white space that all lines of the script begin with.
func margin(script string) string {
	for _, line := range strings.Split(script, "\n") {
		if text := strings.TrimLeft(line, " \t"); text != "" {
			return line[:len(line)-len(text)]
		}
	}
	return ""
}

// continued is a line without its indentation, as far as the column at which
// the text above it begins.
func continued(line string, column int) string {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	return line[min(indent, column):]
}

func (s *step) more(line string) {
	s.source += "\n" + line
	for _, sp := range []*speech{s.says, s.want} {
		if sp != nil {
			if sp.text != "" {
				line = "\n" + line
			}
			sp.text += line
		}
	}
}

// parseStep reads a line that begins a step, and where its text begins.
func parseStep(line string) (step, int, error) {
	s := step{source: line}
	if m := passLine.FindStringSubmatch(line); m != nil {
		d, err := time.ParseDuration(m[1])
		if err != nil || d <= 0 {
			return s, 0, fmt.Errorf("%q is not a length of time such as 90s, 5m or 1h30m", m[1])
		}
		s.pass = d
		return s, 0, nil
	}
	if m := botLine.FindStringSubmatch(line); m != nil {
		s.want = &speech{who: m[1], room: m[2] + m[3], own: m[2] != "", text: line[len(m[0]):]}
		return s, len(m[0]), nil
	}
	if m := sayLine.FindStringSubmatch(line); m != nil {
		if m[3] != "" && m[2] == "" {
			return s, 0, fmt.Errorf("%q: a direct message is written without \"-> bot\"", line)
		}
		s.says = &speech{who: m[1], room: m[2], own: m[3] != "", text: line[len(m[0]):]}
		return s, len(m[0]), nil
	}
	return s, 0, fmt.Errorf("%q is neither \"who: text\", \"who@room: text\", \"bot: text\" nor \"... 5m ...\"", line)
}

// matches reports whether the bot's text is what the script wants.
func matches(want, got string) (bool, error) {
	if len(want) > 1 && want[0] == '/' && want[len(want)-1] == '/' {
		re, err := regexp.Compile("(?s)^(?:" + want[1:len(want)-1] + ")$")
		if err != nil {
			return false, fmt.Errorf("not a regular expression: %w", err)
		}
		return re.MatchString(got), nil
	}
	if start, ok := strings.CutSuffix(want, "..."); ok {
		return strings.HasPrefix(got, strings.TrimRight(start, " ")), nil
	}
	return got == want, nil
}
