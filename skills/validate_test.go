package skills

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// identities is a file with one component and one account, each with a key
// replaced.
func identities(component, account string) string {
	return fmt.Sprintf("xmpp:\n  components:\n    - {%s}\n  accounts:\n    - {%s}\n", component, account)
}

const (
	goodComponent = `domain: bot.chat.local, address: "127.0.0.1:5347", secret: x`
	goodAccount   = `jid: bot@chat.local, password: x`
)

func TestIdentitiesAreWhatTheyMustBe(t *testing.T) {
	for name, tt := range map[string]struct{ component, account, want string }{
		"domain with an account": {`domain: bot@chat.local, address: "127.0.0.1:5347", secret: x`, goodAccount, `xmpp.components[0].domain: "bot@chat.local" is an address with an @; expected a domain alone`},
		"domain is empty":        {`domain: "", address: "127.0.0.1:5347", secret: x`, goodAccount, "xmpp.components[0].domain"},
		"domain is a URL":        {`domain: "xmpp://chat.local", address: "127.0.0.1:5347", secret: x`, goodAccount, "is no domain"},
		"address without a port": {`domain: a.local, address: localhost, secret: x`, goodAccount, "xmpp.components[0].address: expected host:port"},
		"address without a host": {`domain: a.local, address: ":5347", secret: x`, goodAccount, "expected host:port"},
		"port out of range":      {`domain: a.local, address: "localhost:70000", secret: x`, goodAccount, "expected host:port"},
		"room without a domain":  {goodComponent + `, rooms: [ops]`, goodAccount, `xmpp.components[0].rooms[0]: "ops" is no address of a room, such as ops@rooms.chat.local`},
		"room is a domain":       {goodComponent + `, rooms: [rooms.chat.local]`, goodAccount, "is no address of a room"},
		"room with a nick":       {goodComponent + `, rooms: [ops@rooms.chat.local/dragoman]`, goodAccount, "the nick has its own key"},
		"room listed twice":      {goodComponent + `, rooms: [ops@rooms.chat.local, Ops@rooms.chat.local]`, goodAccount, "xmpp.components[0].rooms[1]: Ops@rooms.chat.local is listed twice"},
		"nick of two lines":      {goodComponent + `, nick: "a\nb"`, goodAccount, "xmpp.components[0].nick"},
		"account without an @":   {goodComponent, `jid: chat.local, password: x`, `xmpp.accounts[0].jid: "chat.local" is no JID`},
		"account with a space":   {goodComponent, `jid: "john doe@chat.local", password: x`, "is no JID"},
		"empty resource":         {goodComponent, `jid: bot@chat.local/, password: x`, "is no JID"},
		"tls mode":               {goodComponent, goodAccount + `, tls: startls`, `xmpp.accounts[0].tls: "startls" is not one of starttls, direct, none; did you mean "starttls"?`},
		"tls is a boolean":       {goodComponent, goodAccount + `, tls: true`, "xmpp.accounts[0].tls"},
		"account's address":      {goodComponent, goodAccount + `, address: chat.local`, "xmpp.accounts[0].address: expected host:port"},
		"account's room":         {goodComponent, goodAccount + `, rooms: ["@rooms.chat.local"]`, "xmpp.accounts[0].rooms[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			line := 3
			if tt.component == goodComponent {
				line = 5
			}
			got := problems(t, identities(tt.component, tt.account))
			if len(got) != 1 || !strings.HasPrefix(got[0], fmt.Sprintf("skills.yaml:%d: ", line)) || !strings.Contains(got[0], tt.want) {
				t.Errorf("it says\n  %s\nand should say, of line %d,\n  %s", strings.Join(got, "\n  "), line, tt.want)
			}
		})
	}
	parsed(t, identities(goodComponent, goodAccount)) // what they were made from is right
}

func TestOneIdentityHasOneConnection(t *testing.T) {
	wantProblems(t, `xmpp:
  components:
    - {domain: a.local, address: "127.0.0.1:5347", secret: x}
    - {domain: A.local, address: "127.0.0.1:5348", secret: x}
  accounts:
    - {jid: bot@chat.local, password: x}
    - {jid: other@chat.local, password: x}
    - {jid: Bot@chat.local/home, password: x}
`, []string{"skills.yaml:4: xmpp.components[1].domain: A.local is listed twice", "skills.yaml:8: xmpp.accounts[2].jid: Bot@chat.local is listed twice"})
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		address            string
		domain, bare, room bool
	}{
		{"chat.local", true, false, false},
		{"localhost", true, false, false},
		{"bücher.example", true, false, false},
		{"john@chat.local", false, true, true},
		{"o\\27neil@chat.local", false, true, true},
		{"josé@bücher.example", false, true, true},
		{"🤖@chat.local", false, true, true},
		{"john@chat.local/phone", false, false, false},
		{"john@chat@local", false, false, false},
		{"@chat.local", false, false, false},
		{"john@", false, false, false},
		{"john@chat..local", false, false, false},
		{"john@.local", false, false, false},
		{"", false, false, false},
		{" john@chat.local", false, false, false},
		{"john@chat.local ", false, false, false},
		{"<john@chat.local>", false, false, false},
		{"john@chat.local, mary@chat.local", false, false, false},
		{"xmpp:john@chat.local", false, false, false},
		{strings.Repeat("a", 1024) + "@chat.local", false, false, false},
	} {
		for name, got := range map[string][2]bool{
			"domain": {domain(tt.address) == nil, tt.domain},
			"bare":   {bareJID(tt.address) == nil, tt.bare},
			"room":   {roomJID(tt.address) == nil, tt.room},
		} {
			if got[0] != got[1] {
				t.Errorf("%.40q as %s: taken %v", tt.address, name, got[0])
			}
		}
	}
}

func TestPrefixes(t *testing.T) {
	for s, ok := range map[string]bool{"": true, "!": true, "/": true, "🤖": true, ">>": true, "d": false, "bot:": false, "! ": false, "1": false, "\n": false, "!!!!!!!!!": false} {
		if (prefix(s) == nil) != ok {
			t.Errorf("%q: taken %v", s, !ok)
		}
	}
}

func FuzzDecode(f *testing.F) {
	data, err := os.ReadFile("../skills.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(example.ReplaceAllString(string(data), "$1$2"))
	f.Add(identities(goodComponent, goodAccount+", rooms: [ops@rooms.chat.local]"))
	f.Add("skills: {statsu: {}, ping: {config: {a: b}}}")
	f.Add("bot: {admins: [\"a@b/c\", 1, @], prefix: \"\\n\"}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse(text)
		if (c == nil) != (err != nil) {
			t.Fatalf("%v with %v", c, err)
		}
		if err != nil {
			if problemsOf(err) == nil {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		for _, a := range c.Bot.Admins {
			if strings.ContainsAny(a, "/ \n") || strings.Count(a, "@") != 1 {
				t.Errorf("%q was taken for a bare JID", a)
			}
		}
	})
}
