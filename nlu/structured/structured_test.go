package structured_test

import (
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/structured"
)

// house is a set of commands with every kind of slot.
func house() []nlu.Command {
	return []nlu.Command{
		{Name: "get-status", Aliases: []string{"gs"}, Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true}}},
		{Name: "list machines"},
		{Name: "list"},
		{Name: "add machine", Slots: []nlu.Slot{
			{Name: "name", Kind: nlu.KindWord, Required: true},
			{Name: "check", Kind: nlu.KindWord, Required: true},
			{Name: "address", Kind: nlu.KindWord},
		}},
		{Name: "say", Slots: []nlu.Slot{{Name: "room", Kind: "room"}, {Name: "words", Kind: nlu.KindText, Rest: true}}},
		{Name: "note", Slots: []nlu.Slot{{Name: "text", Kind: nlu.KindText}}},
		{Name: "watch", Slots: []nlu.Slot{
			{Name: "every", Kind: nlu.KindDuration},
			{Name: "times", Kind: nlu.KindInt},
			{Name: "limit", Kind: nlu.KindNumber},
			{Name: "loud", Kind: nlu.KindBool},
		}},
		{Name: "Größe", Slots: []nlu.Slot{{Name: "of", Kind: "machine"}}},
	}
}

func parser(t testing.TB) *structured.Parser {
	t.Helper()
	p, err := structured.New(house())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// show writes an intent as "command slot=value ...", in the order given.
func show(in nlu.Intent) string {
	var b strings.Builder
	b.WriteString(in.Command)
	for _, v := range in.Slots {
		b.WriteString(" " + v.Slot + "=" + v.Text)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "get-status machine1", "get-status machine=machine1"},
		{"case", "Get-Status machine1", "get-status machine=machine1"},
		{"space for hyphen", "get status machine1", "get-status machine=machine1"},
		{"hyphen for space", "LIST-MACHINES", "list machines"},
		{"white space around", " \t list   machines \n", "list machines"},
		{"typographic hyphen", "get\u2011status machine1", "get-status machine=machine1"},
		{"alias", "gs machine1", "get-status machine=machine1"},
		{"the longest name wins", "list machines", "list machines"},
		{"the shorter name alone", "list", "list"},
		{"full folding", "GRÖSSE web1", "Größe of=web1"},
		{"decomposed letters", "gro\u0308ße web1", "Größe of=web1"},
		{"zero-width and bidi controls in the name", "\u202eget\u200b-sta\u2060tus\u202c machine1", "get-status machine=machine1"},
		{"invisible word first", "\u200b get-status machine1", "get-status machine=machine1"},

		{"slots in order", "add machine web1 tcp 127.0.0.1:22", "add machine name=web1 check=tcp address=127.0.0.1:22"},
		{"missing slots are absent", "add machine web1", "add machine name=web1"},
		{"no slots at all", "get-status", "get-status"},
		{"flags", "add machine --check tcp web1 --address=h:1", "add machine check=tcp name=web1 address=h:1"},
		{"slot=value", "add machine name=web1 check=tcp", "add machine name=web1 check=tcp"},
		{"= that names no slot", "add machine a=b tcp", "add machine name=a=b check=tcp"},
		{"quoted = that names no slot", `add machine a="b c" tcp`, `add machine name=a="b c" check=tcp`},
		{"flag of the other case", "add machine --Name=web1", "add machine name=web1"},
		{"a dash that a phone made", "add machine —name web1 –check=tcp", "add machine name=web1 check=tcp"},
		{"flags end at --", "add machine -- --name tcp", "add machine name=--name check=tcp"},
		{"a negative number is no flag", "watch 5m -3", "watch every=5m times=-3"},
		{"a bool flag takes no word", "watch --loud 5m", "watch loud=true every=5m"},
		{"a bool flag with a value", "watch --loud=nein", "watch loud=false"},

		{"double quotes", `get-status "web 1"`, "get-status machine=web 1"},
		{"single quotes", "get-status 'web 1'", "get-status machine=web 1"},
		{"apostrophe in single quotes", "get-status 'it's web1'", "get-status machine=it's web1"},
		{"English quotes", "get-status “web 1”", "get-status machine=web 1"},
		{"German quotes", "get-status „web 1“", "get-status machine=web 1"},
		{"French quotes", "get-status «web 1»", "get-status machine=web 1"},
		{"quotes in a flag", `add machine --name="web 1" check=“t c p”`, "add machine name=web 1 check=t c p"},
		{"quotes after a flag", `add machine --name "web 1"`, "add machine name=web 1"},
		{"escape in quotes", `note "say \"hi\" \\ \n"`, `note text=say "hi" \ \n`},
		{"escaped space", `get-status web\ 1`, "get-status machine=web 1"},
		{"escaped quote", `get-status \"web`, `get-status machine="web`},
		{"other backslashes stay", `note C:\temp`, `note text=C:\temp`},
		{"apostrophe alone", "note 'tis", "note text='tis"},
		{"empty text", `note ""`, "note text="},

		{"rest is verbatim", `say ops  hello  "you" --there\n ! `, `say room=ops words=hello  "you" --there\n !`},
		{"rest of several lines", "say ops a\n b", "say room=ops words=a\n b"},
		{"flags before the rest", "say --room=ops hello", "say room=ops words=hello"},
		{"rest by its name", `say ops --words="a b"`, "say room=ops words=a b"},
		{"rest after --", "say ops -- --words", "say room=ops words=--words"},

		{"question mark", "get-status machine1?", "get-status machine=machine1"},
		{"several marks", "get-status machine1?!…", "get-status machine=machine1"},
		{"mark apart", "get-status machine1 ?", "get-status machine=machine1"},
		{"only a mark", "get-status ?", "get-status"},
		{"mark after the name", "list machines!", "list machines"},
		{"dots inside stay", "get-status 10.0.0.1", "get-status machine=10.0.0.1"},
		{"dots inside stay, mark goes", "get-status 10.0.0.1.", "get-status machine=10.0.0.1"},
		{"quotes keep a mark", `get-status "web1?"`, "get-status machine=web1?"},
		{"a word may end in a mark", "add machine web1 tcp example.org.", "add machine name=web1 check=tcp address=example.org."},

		{"values are NFC", "get-status gro\u0308ße", "get-status machine=größe"},
		{"kinds", `watch 2d 5 3,5 ja`, "watch every=48h0m0s times=5 limit=3.5 loud=true"},
		{"quoted duration", `watch "15 minutes"`, "watch every=15m0s"},
	}
	p := parser(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, sure := p.Parse(tt.text, "en", nil)
			if !sure || in.Usage != nil {
				t.Fatalf("%q: sure = %v, usage = %v", tt.text, sure, in.Usage)
			}
			if got := show(in); got != tt.want {
				t.Errorf("%q\n got %s\nwant %s", tt.text, got, tt.want)
			}
			if in.Score != 1 || in.Stage != structured.Name || in.Why == "" {
				t.Errorf("score %v, stage %q, why %q", in.Score, in.Stage, in.Why)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "   ", "hello", "getstatus machine1", "get-stat machine1", "get", "get-status-machine1",
		`"get-status" machine1`, "-get-statusx", "\u200b\u200b", "---", "please get-status machine1",
		"listmachines", strings.Repeat("get ", 1000),
	} {
		if in, sure := parser(t).Parse(text, "", nil); sure || in.Command != "" {
			t.Errorf("%q was read as %q", text, in.Command)
		}
	}
}

func TestUsageTellsThePersonWhatIsWrong(t *testing.T) {
	tests := []struct {
		text    string
		problem nlu.Problem
		want    string
	}{
		{"get-status one two three", nlu.TooMany, "get-status takes one machine; you gave 3 words"},
		{"list machines now", nlu.TooMany, "list machines takes no values; you gave 1 word"},
		{"add machine a b c d", nlu.TooMany, "add machine takes name, check and address; you gave 4 words"},
		{"note two words", nlu.TooMany, "note takes one text; you gave 2 words"},
		{`get-status "a b" c`, nlu.TooMany, "get-status takes one machine; you gave 2 words"},
		{"get-status --machin web1", nlu.UnknownFlag, "get-status has no --machin; did you mean --machine?"},
		{"get-status --colour=red", nlu.UnknownFlag, "get-status has no --colour"},
		{"get-status --machine", nlu.NoValue, "--machine needs a value"},
		{"get-status machine=", nlu.NoValue, "--machine needs a value"},
		{`get-status ""`, nlu.NoValue, "--machine needs a value"},
		{"get-status --machine a --machine b", nlu.Repeated, "machine is given twice"},
		{"watch soon", nlu.BadValue, "every has to be a length of time such as 15m or 2h; you wrote soon"},
		{"watch 5m 2.5", nlu.BadValue, "times has to be a whole number; you wrote 2.5"},
		{"watch --limit=1,000", nlu.BadValue, "limit has to be a number; you wrote 1,000"},
		{"watch --loud=maybe", nlu.BadValue, "loud has to be yes or no; you wrote maybe"},
		{`get-status "web 1`, nlu.Unclosed, "the quotation mark before web is not closed"},
	}
	p := parser(t)
	for _, tt := range tests {
		in, sure := p.Parse(tt.text, "en", nil)
		if sure || in.Usage == nil {
			t.Errorf("%q: sure = %v without usage", tt.text, sure)
			continue
		}
		if in.Usage.Problem != tt.problem || in.Usage.String() != tt.want {
			t.Errorf("%q\n got %d %q\nwant %d %q", tt.text, in.Usage.Problem, in.Usage, tt.problem, tt.want)
		}
	}
}

func TestSpansAreThoseOfTheText(t *testing.T) {
	tests := []struct{ text, slot, want string }{
		{"get-status machine1?", "machine", "machine1"},
		{`get-status  "web 1" `, "machine", `"web 1"`},
		{"say ops hello there ", "words", "hello there"},
		{"add machine --check  tcp web1", "check", "tcp"},
		{"add machine --check=tcp web1", "check", "--check=tcp"},
	}
	for _, tt := range tests {
		in, _ := parser(t).Parse(tt.text, "", nil)
		for _, v := range in.Slots {
			if got := tt.text[v.Start:v.End]; v.Slot == tt.slot && got != tt.want {
				t.Errorf("%q: span of %s is %q, want %q", tt.text, v.Slot, got, tt.want)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	tests := []struct{ text, want string }{
		{"getstatus machine1", "get-status"},
		{"get-stat machine1", "get-status"},
		{"gte-status machine1", "get-status"},
		{"GET-STATSU", "get-status"},
		{"get", "get-status"},
		{"status machine1", "get-status"},
		{"list machine", "list,list machines"},
		{"lits machines", "list machines,list"},
		{"machines", "list machines"},
		{"add machne web1", "add machine"},
		{"wach 5m", "watch"},
		{"groesse web1", "Größe"},
		{"größee web1", "Größe"},
		{"what a nice day", ""},
		{"", ""},
		{"???", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(parser(t).Nearest(tt.text, ""), ","); got != tt.want {
			t.Errorf("%q: offers %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestNewReportsWhatCannotWork(t *testing.T) {
	many := make([]nlu.Slot, 65)
	for i := range many {
		many[i].Name = strings.Repeat("x", i+1)
	}
	tests := []struct {
		name string
		cmds []nlu.Command
		want string
	}{
		{"two of a name", []nlu.Command{{Name: "get-status"}, {Name: "Get Status"}}, `both called "Get Status"`},
		{"alias that is a name", []nlu.Command{{Name: "a"}, {Name: "b", Aliases: []string{"A"}}}, `both called "A"`},
		{"empty alias", []nlu.Command{{Name: "a", Aliases: []string{" - "}}}, "empty alias"},
		{"no name", []nlu.Command{{}}, "no name"},
		{"rest before others", []nlu.Command{{Name: "a", Slots: []nlu.Slot{{Name: "x", Rest: true}, {Name: "y"}}}}, "has to be the last"},
		{"too many slots", []nlu.Command{{Name: "a", Slots: many}}, "65 slots"},
	}
	for _, tt := range tests {
		if _, err := structured.New(tt.cmds); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}
