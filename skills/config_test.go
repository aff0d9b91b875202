package skills

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheFileOfTheRepositoryRunsAsItIs(t *testing.T) {
	c, err := Load("../skills.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != len(table) {
		t.Errorf("%d skills run, and there are %d", len(c.Builds), len(table))
	}
	if c.Bot.Name != "dragoman" || c.Bot.Timezone.String() != "Europe/Berlin" || c.Store.URL.Reveal() != "sqlite:dragoman.db" {
		t.Errorf("it says %+v", c.Bot)
	}
	if n := len(c.XMPP.Components) + len(c.XMPP.Accounts); n != 0 {
		t.Errorf("it connects to %d servers", n)
	}
}

// example is a line of a comment that is an example: "# - {name: web1, ...".
var example = regexp.MustCompile(`(?m)^( *)# ?( *(?:- |[a-z_]+: ).*)$`)

// Whoever takes the comment signs away has something that works.
func TestEveryExampleInTheFileOfTheRepositoryIsRight(t *testing.T) {
	data, err := os.ReadFile("../skills.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("components: []", "components:", "accounts: []", "accounts:").Replace(string(data))
	c := parsed(t, example.ReplaceAllString(text, "$1$2"))
	if len(c.XMPP.Components) != 1 || len(c.XMPP.Accounts) != 1 {
		t.Fatalf("%d components and %d accounts", len(c.XMPP.Components), len(c.XMPP.Accounts))
	}
	component, account := c.XMPP.Components[0], c.XMPP.Accounts[0]
	if component.Domain != "mycomponent.chat.local" || component.Secret.Reveal() != environment["DRAGOMAN_SECRET"] ||
		component.Address != "127.0.0.1:5347" || component.Nick != "dragoman" || !slices.Equal(component.Rooms, []string{"ops@rooms.chat.local"}) {
		t.Errorf("component %+v", component)
	}
	if account.JID != "bot@chat.local" || account.Password.Reveal() != environment["BOT_PASSWORD"] || account.Address != "127.0.0.1:5222" ||
		account.TLS != "starttls" || account.CA != "/etc/ssl/chat.pem" || account.AllowPlain || account.Nick != "dragoman" || len(account.Rooms) != 1 {
		t.Errorf("account %+v", account)
	}
	machines := strings.Count(string(data), "- {name: ")
	if got := machinesOf(t, c); got != machines || machines < 7 {
		t.Errorf("%d machines of %d", got, machines)
	}
}

func TestWhatTheFileLeavesOutHasItsDefault(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "only comments": "# nothing\n", "keys without values": "bot:\nstore:\nxmpp:\nskills:\n"} {
		t.Run(name, func(t *testing.T) {
			c := parsed(t, text)
			if c.Bot.Name != "dragoman" || c.Bot.Locale != "en" || c.Bot.Prefix != "!" || c.Store.URL.Reveal() != "sqlite:dragoman.db" ||
				c.Bot.Timezone.String() != "UTC" || len(c.Bot.Admins) != 0 || len(c.Builds) != 0 {
				t.Errorf("%+v %d skills", c.Bot, len(c.Builds))
			}
		})
	}
}

func TestEveryKeyIsTaken(t *testing.T) {
	c := parsed(t, `
bot: {name: Robbie, locale: pt-BR, timezone: America/New_York, admins: [john@chat.local, mary@xn--bcher-kva.example], prefix: ""}
store: {url: "postgres://bot:${env:PGPASSWORD}@db.local/bot?sslmode=require"}
xmpp:
  components:
    - {domain: a.chat.local, address: "127.0.0.1:5347", secret: "${env:DRAGOMAN_SECRET}"}
    - {domain: b.chat.local, address: "[::1]:5347", secret: x, nick: "Ruby 🤖", rooms: [ops@rooms.chat.local, dev@rooms.chat.local]}
  accounts:
    - {jid: bot@chat.local, password: "${env:BOT_PASSWORD}"}
    - {jid: bot@other.local/home, password: x, address: "xmpp.other.local:5223", tls: direct, ca_file: /ca.pem, allow_plain: true}
    - {jid: bot@third.local, password: x, tls: none}
`)
	if c.Bot.Name != "Robbie" || c.Bot.Locale != "pt-BR" || c.Bot.Timezone.String() != "America/New_York" || len(c.Bot.Admins) != 2 || c.Bot.Prefix != "" {
		t.Errorf("bot %+v", c.Bot)
	}
	if got := c.Store.URL.Reveal(); got != "postgres://bot:hunter2-of-postgres@db.local/bot?sslmode=require" {
		t.Errorf("store %q", got)
	}
	if len(c.XMPP.Components) != 2 || c.XMPP.Components[1].Nick != "Ruby 🤖" || len(c.XMPP.Accounts) != 3 {
		t.Fatalf("xmpp %+v", c.XMPP)
	}
	if a := c.XMPP.Accounts[1]; a.TLS != "direct" || a.CA != "/ca.pem" || !a.AllowPlain || a.Address != "xmpp.other.local:5223" {
		t.Errorf("account %+v", a)
	}
}

func TestASkillThatIsListedRunsUnlessItSaysOtherwise(t *testing.T) {
	for text, want := range map[string]int{
		"skills: {}":                                 0,
		"skills: {ping: }":                           1,
		"skills: {ping: {}}":                         1,
		"skills: {ping: {enabled: true}}":            1,
		"skills: {ping: {enabled: false}}":           0,
		"skills: {ping: {enabled: }}":                1,
		"skills: {ping: , status: }":                 2,
		"skills: {ping: {enabled: false}, status: }": 1,
		"skills: {status: {config: {failures: 3}}}":  1,
		"skills: {status: {enabled: false, config: {url: '${env:NOT_SET}', nonsense: [1]}}}": 0,
	} {
		if c := parsed(t, text); len(c.Builds) != want {
			t.Errorf("%s: %d skills run, want %d", text, len(c.Builds), want)
		}
	}
}

func TestWhatIsWrongNamesItsLineAndWhatIsRight(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string // each a part of one line of the error, in their order
	}{
		"unknown part":          {"bot: {}\nskill: {}\n", []string{`skills.yaml:2: unknown key "skill"; did you mean "skills"?`}},
		"unknown key":           {"bot:\n  admin: [a@b.c]\n", []string{`skills.yaml:2: unknown key "admin" in bot; did you mean "admins"?`}},
		"wrong type":            {"bot:\n  name: [a]\n", []string{"skills.yaml:2: bot.name"}},
		"not YAML":              {"bot:\n  name: \"a\n", []string{"skills.yaml:"}},
		"unknown skill":         {"skills:\n  ping:\n    enabled: true\n  statsu:\n    enabled: true\n", []string{`skills.yaml:4: skills.statsu: there is no such skill; did you mean "status"?`}},
		"skill like no other":   {"skills:\n\n  weather: {}\n", []string{`skills.yaml:3: skills.weather: there is no such skill; there are ping, status`}},
		"unknown key of skill":  {"skills:\n  ping: {enable: true}\n", []string{`skills.yaml:2: unknown key "enable" in skills.ping; did you mean "enabled"?`}},
		"enabled is no bool":    {"skills:\n  ping:\n    enabled: maybe\n", []string{"skills.yaml:3: skills.ping.enabled"}},
		"config of ping":        {"skills:\n  ping:\n    config:\n      loud: true\n", []string{`skills.yaml:4: unknown key "loud" in skills.ping.config; there are no keys here`}},
		"key of status":         {"skills:\n  status:\n    config:\n      intervall: 5s\n", []string{`skills.yaml:4: unknown key "intervall" in skills.status.config; did you mean "interval"?`}},
		"no duration":           {"skills:\n  status:\n    config:\n      interval: 15\n", []string{"skills.yaml:4: skills.status.config.interval"}},
		"too often":             {"skills:\n  status:\n    config:\n      interval: 10ms\n", []string{"skills.yaml:4: skills.status.config.interval: it must be at least 1s"}},
		"skills of every kind":  {"skills:\n  statsu: {}\n  ping: {config: {a: b}}\n  status: {config: {failures: 0}}\n", []string{"skills.yaml:2: skills.statsu", "skills.yaml:3: unknown key", "skills.yaml:4: skills.status.config.failures: it must be at least 1"}},
		"zone":                  {"bot: {timezone: Berlin}\n", []string{"skills.yaml:1: bot.timezone"}},
		"locale":                {"bot:\n  locale: English (UK)\n", []string{`skills.yaml:2: bot.locale: "English (UK)" is no language tag`}},
		"name":                  {"bot:\n  name: ''\n", []string{"skills.yaml:2: bot.name: a name must have letters"}},
		"prefix":                {"bot:\n  prefix: d\n", []string{"skills.yaml:2: bot.prefix: expected signs"}},
		"admin with a resource": {"bot:\n  admins:\n    - john@chat.local\n    - mary@chat.local/phone\n", []string{`skills.yaml:4: bot.admins[1]: "mary@chat.local/phone" has a resource`}},
		"admin without domain":  {"bot:\n  admins: [john]\n", []string{`skills.yaml:2: bot.admins[0]: "john" is no JID, such as john@chat.local`}},
		"admin is a domain":     {"bot:\n  admins: [chat.local]\n", []string{`skills.yaml:2: bot.admins[0]: "chat.local" is no JID`}},
		"admins is no list":     {"bot:\n  admins: john@chat.local\n", []string{"skills.yaml:2: bot.admins must be a list"}},
		"store of another kind": {"store:\n  url: mysql://root:hunter2@db/bot\n", []string{"skills.yaml:2: store.url: expected sqlite:FILE or postgres://user:password@host/database"}},
		"store without a file":  {"store:\n  url: 'sqlite:'\n", []string{"skills.yaml:2: store.url"}},
	} {
		t.Run(name, func(t *testing.T) { wantProblems(t, tt.text, tt.want) })
	}
}

func wantProblems(t *testing.T, text string, want []string) {
	t.Helper()
	got := problems(t, text)
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d", len(got), len(want))
	}
	for i, w := range want {
		if i < len(got) && !strings.Contains(got[i], w) {
			t.Errorf("problem %d is\n  %s\nand should say\n  %s", i, got[i], w)
		}
	}
	if t.Failed() {
		t.Logf("all of them:\n%s", strings.Join(got, "\n"))
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	const text = `
store: {url: "postgres://bot:${env:PGPASSWORD}@db.local/bot"}
xmpp:
  components: [{domain: a.local, address: "127.0.0.1:5347", secret: "${env:DRAGOMAN_SECRET}"}]
  accounts: [{jid: bot@chat.local, password: "${env:BOT_PASSWORD}"}]
`
	c := parsed(t, text)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "config", c, "store", c.Store, "url", c.Store.URL)
	js, err := json.Marshal(c.Store)
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]string{
		"v": fmt.Sprintf("%v %v %v", c.Bot, c.Store, c.XMPP), "+v": fmt.Sprintf("%+v", *c), "#v": fmt.Sprintf("%#v", *c),
		"s": fmt.Sprintf("%s %s", c.Store.URL, c.XMPP.Components[0].Secret), "log": log.String(), "json": string(js),
	}
	// Errors about the same file, in the part of a skill too.
	for name, broken := range map[string]string{
		"scheme":  strings.Replace(text, "postgres://", "postgrse://", 1),
		"unknown": text + "nonsense: {}\n",
		"skill":   text + "skills: {status: {config: {machines: [{name: a, check: http, target: 'http://u:hunter2-of-postgres@['}]}}}\n",
		"address": strings.Replace(text, "127.0.0.1:5347", "${env:DRAGOMAN_SECRET}", 1),
	} {
		printed[name] = strings.Join(problems(t, broken), "\n")
	}
	for name, out := range printed {
		for _, secret := range environment {
			if strings.Contains(out, secret) {
				t.Errorf("%s shows a secret: %s", name, out)
			}
		}
	}
}

func TestAMissingSecretIsAProblem(t *testing.T) {
	for name, tt := range map[string]struct{ value, want string }{
		"variable is not set": {`"${env:NOT_SET}"`, "NOT_SET"},
		"file is not there":   {`"${file:not/there}"`, "not/there"},
		"nothing is given":    {``, "has no value"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblems(t, "xmpp:\n  components:\n    - domain: a.local\n      address: 127.0.0.1:5347\n      secret: "+tt.value+"\n",
				[]string{"skills.yaml:5: "})
			if got := problems(t, "xmpp:\n  components:\n    - domain: a.local\n      address: 127.0.0.1:5347\n      secret: "+tt.value+"\n"); !strings.Contains(got[0], tt.want) {
				t.Errorf("%s", got[0])
			}
		})
	}
	wantProblems(t, "xmpp:\n  components:\n    - {domain: a.local, address: '127.0.0.1:1'}\n", []string{`skills.yaml:3: missing key "secret" in xmpp.components[0]`})
	wantProblems(t, "xmpp:\n  accounts:\n    - {jid: a@b.c}\n", []string{`skills.yaml:3: missing key "password" in xmpp.accounts[0]`})
}

func TestAFileThatIsNotThereIsSaid(t *testing.T) {
	_, err := Load("no/such/file.yaml")
	if err == nil || !strings.Contains(err.Error(), "no/such/file.yaml") || !strings.Contains(err.Error(), "-c FILE") {
		t.Errorf("error %v", err)
	}
	file := written(t, "bot: {nmae: a}\n")
	if _, err := Load(file); err == nil || !strings.HasPrefix(err.Error(), file+":1: ") {
		t.Errorf("error %v", err)
	}
}
