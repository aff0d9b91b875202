package stream

import (
	"strings"
	"testing"
)

func TestParseJIDIsLenientWithStrangers(t *testing.T) {
	long := strings.Repeat("x", maxPart)
	for in, want := range map[string]JID{
		"chat.local":              {"", "chat.local", ""},
		"john@chat.local":         {"john", "chat.local", ""},
		"john@chat.local/laptop":  {"john", "chat.local", "laptop"},
		"chat.local/res":          {"", "chat.local", "res"},
		"JOHN@Chat.LOCAL./LapTop": {"john", "chat.local", "LapTop"},
		"a@b/c@d/e":               {"a", "b", "c@d/e"},
		"a@b//":                   {"a", "b", "/"},
		"room@rooms.chat.local/\U0001F469\u200D\U0001F692 x": {"room", "rooms.chat.local", "\U0001F469\u200D\U0001F692 x"},
		"x@y/\U0001FAE9":               {"x", "y", "\U0001FAE9"},
		`"q'<&>"@b`:                    {`"q'<&>"`, "b", ""},
		"555-555-5555@sms.chat.local":  {"555-555-5555", "sms.chat.local", ""},
		"ÄB@BÜCHER.example":            {"Äb", "bücher.example", ""},
		"a@[::1]":                      {"a", "[::1]", ""},
		long + "@" + long + "/" + long: {long, long, long},
	} {
		j, err := ParseJID(in)
		if err != nil || j != want {
			t.Errorf("%q: %#v, %v", in, j, err)
		}
		if again, err := ParseJID(j.String()); err != nil || again != j {
			t.Errorf("%q: String() reads back as %#v, %v", in, again, err)
		}
	}
	for _, in := range []string{"", "@", "/", "@b", "a@", "a@/r", "a@b/", "b/", ".", "a@b@c", "a b@c d", "a@b\n", "a\x00@b", "a@b/\x1b[0m",
		"\xff@b", "a@b/\xff", "a@b/\uFFFE", "a\x7f@b", long + "x@b", "a@" + long + "x", "a@b/" + long + "x"} {
		if j, err := ParseJID(in); err == nil || !j.IsZero() {
			t.Errorf("%q was accepted as %#v", in, j)
		} else if in != "" && len(in) > 6 && strings.Contains(err.Error(), in) {
			t.Errorf("%q is quoted in %v", in, err)
		}
	}
}

func TestParseOwnJIDIsStrict(t *testing.T) {
	for in, want := range map[string]string{
		"bot@chat.local":             "bot@chat.local",
		"Bot@Chat.Local./R 1":        "bot@chat.local/R 1",
		"Ä@bücher.example":           "ä@bücher.example",
		"a@xn--bcher-kva.example":    "a@bücher.example",
		"ａ@b":                        "a@b", // full width
		"a@127.0.0.1":                "a@127.0.0.1",
		"a@[::0001]":                 "a@[::1]",
		`d\27artagnan@b`:             `d\27artagnan@b`,
		"bot.example/\U0001F916 bot": "bot.example/\U0001F916 bot",
	} {
		if j, err := ParseOwnJID(in); err != nil || j.String() != want {
			t.Errorf("%q: %q, %v; want %q", in, j, err, want)
		}
	}
	for _, in := range []string{"", "a b@c", "d'artagnan@c", "a:b@c", "a\u200D@b", "\U0001F916@b", "a@b c", "a@b_\u0000", "a@-", "a@b..c",
		"a@" + strings.Repeat("x", 64) + ".y", "a@" + strings.Repeat("xxxxxxxxx.", 26) + "y", "a@[::1", "a@[127.0.0.1]", "a@b/\x07",
		strings.Repeat("x", 1024) + "@b", "@b", "a@"} {
		if j, err := ParseOwnJID(in); err == nil {
			t.Errorf("%q was accepted as %q", in, j)
		}
	}
}

func TestJIDParts(t *testing.T) {
	j := MustParse("a@b/c")
	if j.Bare() != MustParse("a@b") || j.Bare().WithResource("d") != MustParse("a@b/d") || j.Local()+j.Domain()+j.Resource() != "abc" {
		t.Error("parts of", j)
	}
	if j.WithResource("") != j.Bare() || j.WithResource("\x00") != j.Bare() {
		t.Error("WithResource must not make an invalid address")
	}
	if !(JID{}).IsZero() || j.IsZero() || (JID{}).String() != "" {
		t.Error("the zero JID")
	}
	defer func() {
		if recover() == nil {
			t.Error("MustParse accepted nothing")
		}
	}()
	MustParse("")
}

func TestEscapeLocal(t *testing.T) {
	for in, want := range map[string]string{ // XEP-0106, examples
		"space cadet":       `space\20cadet`,
		`call me "ishmael"`: `call\20me\20\22ishmael\22`,
		"at&t guy":          `at\26t\20guy`,
		"d'artagnan":        `d\27artagnan`,
		"/.fanboy":          `\2f.fanboy`,
		"::foo::":           `\3a\3afoo\3a\3a`,
		"<foo>":             `\3cfoo\3e`,
		"user@host":         `user\40host`,
		`c:\net`:            `c\3a\net`,
		`c:\\net`:           `c\3a\\net`,
		`c:\cool stuff`:     `c\3a\cool\20stuff`,
		`c:\5commas`:        `c\3a\5c5commas`,
		`\2F`:               `\5c2F`,
		" trimmed ":         "trimmed",
		"\u00e9\U0001FAE9":  "\u00e9\U0001FAE9",
		"+15555555555":      "+15555555555",
	} {
		got := EscapeLocal(in)
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if back := UnescapeLocal(got); back != strings.Trim(in, " ") {
			t.Errorf("%q comes back as %q", in, back)
		}
	}
	for in, want := range map[string]string{`\2plus`: `\2plus`, `\20`: " ", `\2`: `\2`, `\`: `\`, `\61`: `\61`, `\5C20`: `\20`} {
		if got := UnescapeLocal(in); got != want {
			t.Errorf("unescape %q: %q, want %q", in, got, want)
		}
	}
}

func FuzzJID(f *testing.F) {
	for _, s := range []string{"a@b/c", "A@B./C", "a@b@c", "\u0130@\u0130/\u0130", "x@y/\U0001FAE9", `\20\5c@b`, "a@[::1]/", "ﬁ@ﬀ.example", "a@b../c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if j, err := ParseJID(s); err == nil {
			again, err := ParseJID(j.String())
			if err != nil || again != j {
				t.Errorf("%q: %#v reads back as %#v, %v", s, j, again, err)
			}
			if j.Bare().WithResource(j.Resource()) != j {
				t.Errorf("%q: parts don't make the whole", s)
			}
		}
		if own, err := ParseOwnJID(s); err == nil {
			if j, err := ParseJID(own.String()); err != nil || j != own {
				t.Errorf("%q: own %#v is %#v to strangers, %v", s, own, j, err)
			}
			if again, err := ParseOwnJID(own.String()); err != nil || again != own {
				t.Errorf("%q: own %#v reads back as %#v, %v", s, own, again, err)
			}
		}
		local := EscapeLocal(s)
		if strings.ContainsAny(local, escaped) {
			t.Errorf("%q escapes to %q", s, local)
		}
		if back := UnescapeLocal(local); back != strings.Trim(s, " ") {
			t.Errorf("%q comes back as %q", s, back)
		}
	})
}
