package llm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dragoman/nlu"
)

func TestArgumentsAreOneFlatObject(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{}`, `[]`},
		{` {"a":"x","b":2,"c":true,"d":1e3} `, `[{a x} {b 2} {c true} {d 1e3}]`},
		{`{"a":null,"b":""}`, `[]`},
		{`{"a":"\u00e4 \"x\""}`, `[{a ä "x"}]`},
		{``, ``}, {`null`, ``}, {`[]`, ``}, {`"x"`, ``}, {`{`, ``}, {`{"a"}`, ``}, {`{"a":1`, ``}, {`{"a":1,}`, ``},
		{`{"a":[1]}`, ``}, {`{"a":{}}`, ``}, {`{"a":1,"a":2}`, ``}, {`{"a":1}{"b":2}`, ``}, {`{"a":1} x`, ``}, {`{a:1}`, ``},
		{`{"a":"` + strings.Repeat("x", maxArguments) + `"}`, ``},
	} {
		args, err := arguments(tt.in)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%.40s: read as %v", tt.in, args)
			}
			continue
		}
		if got := fmt.Sprint(args); err != nil || got != tt.want {
			t.Errorf("%.40s: got %s (%v), want %s", tt.in, got, err, tt.want)
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add(`{"a":"x","b":2,"c":true,"d":null}`)
	f.Add(`{"a":{"b":[1]}}`)
	f.Fuzz(func(t *testing.T, s string) {
		args, err := arguments(s)
		var m map[string]any
		if std := json.Unmarshal([]byte(s), &m); err == nil && (std != nil || m == nil) {
			t.Fatalf("read %v from %q, which is no object: %v", args, s, std)
		}
		if err != nil {
			return
		}
		for _, a := range args {
			v, ok := m[a.name]
			if !ok || a.text == "" {
				t.Errorf("read %v from %q", a, s)
			}
			if str, is := v.(string); is && str != a.text {
				t.Errorf("read %q, not %q", a.text, str)
			}
		}
	})
}

func TestNamesOfToolsAreReadable(t *testing.T) {
	long := strings.Repeat("x", 70)
	table, err := newNameTable([]string{
		"get-status", "add machine", "music_item", "a b", "a_b", "c d", "c  d", "prüfe", "", long, certainty,
	}, certainty)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"get-status": "^get-status$", "add machine": "^add_machine$", "music_item": "^music_item$",
		"a_b": "^a_b$", "a b": "^a_b_[0-9a-f]{12}$", // the one that looks like it already is another
		"c d": "^c_d_[0-9a-f]{12}$", "c  d": "^c_d_[0-9a-f]{12}$", // neither is better
		"prüfe": "^pr_fe$", "": "^_[0-9a-f]{12}$", certainty: "^certainty_[0-9a-f]{12}$",
		long: "^x{64}$",
	} {
		if got := table.forms[name]; !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%q is %q, want %s", name, got, want)
		}
	}
	if _, err := newNameTable([]string{"a", "a"}); err == nil {
		t.Error("a name given twice is no error")
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a b\na_b\na  b\ncertainty")
	f.Add("add machine\nadd_machine\nadd-machine\nadd\tmachine")
	f.Add(strings.Repeat("x", 64) + "y\n" + strings.Repeat("x", 64) + "z\n_\n\xff")
	valid := regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	f.Fuzz(func(t *testing.T, lines string) {
		names := strings.Split(lines, "\n")
		slices.Sort(names)
		names = slices.Compact(names)
		table, err := newNameTable(names, certainty)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(names)
		again, err := newNameTable(names, certainty)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			form := table.forms[n]
			if !valid.MatchString(form) || form == certainty {
				t.Errorf("%q has the form %q", n, form)
			}
			if back, ok := table.names[form]; !ok || back != n {
				t.Errorf("%q comes back as %q", n, back)
			}
			if again.forms[n] != form {
				t.Errorf("%q is %q or %q by the order", n, form, again.forms[n])
			}
		}
		if len(table.names) != len(names) {
			t.Errorf("%d forms of %d names", len(table.names), len(names))
		}
	})
}

// FuzzAnswer makes up what the model calls. Whatever it is, an Intent is one of
// the commands with values from the message, and a mail has none.
func FuzzAnswer(f *testing.F) {
	const text = "Mute machine1 for half an hour, note eggs, rsvp to the second, and is the shop up?"
	f.Add("mute", `{"machine":"web1","for":"30m","everyone":true}`)
	f.Add("note", `{"about":"eggs","text":"machine1 for half an hour","certainty":"unsure"}`)
	f.Add("rsvp", `{"event":2,"guests":-0.1}`)
	f.Add("remove_machine", `{"machine":null}`)
	f.Fuzz(func(t *testing.T, tool, arguments string) {
		for _, source := range []Source{Chat, Untrusted} {
			o := options(t)
			o.FreeAnswers = true
			o.Transport = &answers{give: []func() (*http.Response, error){called(tool, arguments)}}
			r := chat(text)
			r.Source = source
			res, err := client(t, o).Ask(t.Context(), r)
			if err != nil || len(res.Intents) > 1 || res.Answer != "" || res.Why == "" {
				t.Fatalf("got %s (%v)", brief(res, err), err)
			}
			if source == Untrusted && (len(res.Intents) > 0 || len(res.Nearest) > 0) {
				t.Fatalf("a mail led to %s", brief(res, err))
			}
			for _, in := range res.Intents {
				checkIntent(t, in, text, res.Confirm)
			}
		}
	})
}

// checkIntent compares an intent with the commands of the tests and the message.
func checkIntent(t *testing.T, in nlu.Intent, text string, confirm bool) {
	t.Helper()
	i := slices.IndexFunc(commands(), func(c Command) bool { return c.Name == in.Command })
	if i < 0 {
		t.Fatalf("there is no command %q", in.Command)
	}
	cmd := commands()[i]
	for _, v := range in.Slots {
		s, ok := cmd.Slot(v.Slot)
		written := text[v.Start:v.End]
		_, canonical := nlu.Canon(s.Kind, v.Text)
		switch {
		case !ok || !canonical:
			t.Errorf("%s has %s=%q", in.Command, v.Slot, v.Text)
		case s.Kind == "machine" && v.Text != "machine1" && v.Text != "web1":
			t.Errorf("there is no machine %q", v.Text)
		case written == "" && !confirm && v.Text != s.Default:
			t.Errorf("%s=%q is from nowhere", v.Slot, v.Text)
		case (s.Kind == nlu.KindText || s.Kind == nlu.KindWord) && v.Text != written:
			t.Errorf("%s=%q was read from %q", v.Slot, v.Text, written)
		}
	}
}
