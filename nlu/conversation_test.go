package nlu_test

import (
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// team is what the status skill of a bot offers.
func team(t *testing.T) *nlu.Chain {
	t.Helper()
	machine := []nlu.Slot{{Name: "machine", Kind: "machine", Required: true}}
	cmds := []nlu.Command{
		{Name: "get-status", Slots: machine, Say: map[string][]string{"en": {"[what's] [the] status of {machine}"}}},
		{Name: "list machines"},
		{Name: "subscribe", Slots: machine, Say: map[string][]string{"en": {"subscribe me to {machine}"}}},
		{Name: "unsubscribe", Slots: machine},
		{Name: "subscriptions"},
		{Name: "add machine", Slots: []nlu.Slot{{Name: "name", Required: true}, {Name: "check", Required: true}, {Name: "address"}}},
		{Name: "say", Slots: []nlu.Slot{{Name: "words", Kind: nlu.KindText, Rest: true}}},
		{Name: "watch", Slots: []nlu.Slot{{Name: "every", Kind: nlu.KindDuration, Default: "30s"}}},
	}
	live := new(nlu.Gazetteer)
	live.Set("machine", []string{"machine1", "mail server"})
	st, err := structured.New(cmds)
	if err != nil {
		t.Fatal(err)
	}
	ru, err := rules.New(cmds, rules.Options{Resolver: live})
	if err != nil {
		t.Fatal(err)
	}
	c, err := nlu.New(cmds, nlu.Options{Names: live}, st, ru)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the stages do together: each covers what the other cannot.
func TestAConversation(t *testing.T) {
	tests := []struct{ text, want string }{
		{"get-status machine1", "get-status machine=machine1 (structured)"},
		{"get-status machine1, please!", "get-status machine=machine1 (rules)"},
		{"Please get-status machine1", "get-status machine=machine1 (rules)"},
		{"get-status mail server", "get-status machine=mail server (rules)"},
		{`get-status "mail server"`, "get-status machine=mail server (structured)"},
		{"get-status", "get-status (structured)"},
		{"subscribe me to machine1", "subscribe machine=machine1 (rules)"},
		{"subscribe me machine1", "! subscribe takes one machine; you gave 2 words"},
		{"could you list machines, thanks", "list machines (rules)"},
		{"list machines now", "list machines (rules)"},
		{"list machines somewhere", "! list machines takes no values; you gave 1 word"},
		{"add machine web1 tcp 127.0.0.1:22", "add machine name=web1 check=tcp address=127.0.0.1:22 (structured)"},
		{"say please, thanks!", "say words=please, thanks! (structured)"},
		{"watch", "watch every=30s (structured)"},
		{"watch 1h", "watch every=1h (structured)"},
		{"watch soon", "! every has to be a length of time such as 15m or 2h; you wrote soon"},
		{"subscrib machine1", "? subscribe"},
		{"subscription", "? subscriptions"},
		{"getstatus machine1", "? get-status"},
		{"status machine1", "? get-status"},
		{"the game last night was something", "? "},
		{"", "? "},
	}
	c := team(t)
	for _, tt := range tests {
		in, miss := c.Parse(tt.text, "en")
		var got string
		switch {
		case miss != nil:
			got = "? " + strings.Join(miss.Nearest, ",")
		case in.Usage != nil:
			got = "! " + in.Usage.String()
		default:
			got = in.Command
			for _, v := range in.Slots {
				got += " " + v.Slot + "=" + v.Text
			}
			got += " (" + in.Stage + ")"
		}
		if got != tt.want {
			t.Errorf("%q\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func TestUsageNamesWhatItWants(t *testing.T) {
	tests := []struct {
		usage nlu.Usage
		want  string
	}{
		{nlu.Usage{Problem: nlu.TooMany, Command: "c", Takes: []string{"a", "b"}, Given: 3}, "c takes a and b; you gave 3 words"},
		{nlu.Usage{Problem: nlu.BadValue, Slot: "n", Kind: nlu.KindNumber, Word: "x"}, "n has to be a number; you wrote x"},
		{nlu.Usage{Problem: nlu.BadValue, Slot: "m", Kind: "machine", Word: "x"}, "m has to be a machine; you wrote x"},
		{nlu.Usage{Command: "c"}, "c was not understood"},
	}
	for _, tt := range tests {
		if got := tt.usage.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// A person's text in an answer is data: never a format.
func TestUsageRepeatsTextAsItIs(t *testing.T) {
	in, _ := team(t).Parse("watch %s%d%!", "en")
	if in.Usage == nil || !strings.HasSuffix(in.Usage.String(), "you wrote %s%d%") {
		t.Errorf("%v", in.Usage)
	}
}
