package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/internal/counterpart"
)

// repositoryConfig is the skills.yaml that people start from.
const repositoryConfig = "../../skills.yaml"

func TestEveryCommandExplainsItselfWithExamples(t *testing.T) {
	for _, command := range []string{"", "run", "check", "chat", "queue", "outbox", "backup", "demo"} {
		args := append(strings.Fields(command), "--help")
		r := invoke("", args...)
		if r.code != 0 || r.err != "" {
			t.Errorf("%v: exit %d, standard error %q", args, r.code, r.err)
		}
		want := strings.TrimSpace("dragoman " + command)
		_, examples, found := strings.Cut(r.out, "Examples:")
		if !found || !strings.Contains(examples, want) {
			t.Errorf("%v shows no example of %q:\n%s", args, want, r.out)
		}
		if strings.Contains(r.out, "demo-machine") {
			t.Errorf("%v shows what is not for people:\n%s", args, r.out)
		}
	}
}

func TestAWrongCommandLineNamesTheNearestAndExits2(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"rnu", `did you mean one of "run"`},
		{"run --confg x", `did you mean "--config"?`},
		{"chat --stor x", `did you mean "--store"?`},
		{"run --log-format yaml", `must be one of "text","json"`},
		{"run --log-level loud", `must be one of`},
		{"run extra", "unexpected argument extra"},
		{"", `expected one of`},
		{"queue retry", `expected "<id> ..."`},
		{"outbox lost", `must be one of`},
	} {
		r := invoke("", strings.Fields(c.args)...)
		if r.code != 2 || !strings.Contains(r.err, c.want) || r.out != "" {
			t.Errorf("dragoman %s: exit %d, %q, %q; want exit 2 and %q", c.args, r.code, r.out, r.err, c.want)
		}
	}
}

func TestCheckAcceptsTheRepositorysOwnFile(t *testing.T) {
	r := invoke("", "check", "-c", repositoryConfig)
	want := repositoryConfig + " is in order: 0 components, 0 accounts, 3 skills.\n"
	if r.code != 0 || r.out != want || r.err != "" {
		t.Errorf("exit %d, %q, %q; want exit 0 and %q", r.code, r.out, r.err, want)
	}
}

func TestABadFileIsToldByFileAndLineAndExits1(t *testing.T) {
	component := "xmpp:\n  components:\n    - {domain: a.b, address: '127.0.0.1:5347', "
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", "bot:\n  nmae: x\n", `:2: unknown key "nmae" in bot; did you mean "name"?`},
		{"a wrong type", "bot: {name: x}\nskills: 7\n", `:2: `},
		{"an address without port", "xmpp:\n  components:\n    - domain: a.b\n      address: localhost\n      secret: x\n", `:4: `},
		{"a missing secret", component + "secret: '${env:NO_SUCH_SECRET}'}\n", `:3: xmpp.components[0].secret: the environment variable NO_SUCH_SECRET is not set`},
		{"a missing secret file", component + "secret: '${file:no-such-file}'}\n", `:3: xmpp.components[0].secret: cannot read the file no-such-file`},
		{"no secret at all", component + "nick: x}\n", `:3: `},
		{"a bad check", "skills:\n  status:\n    enabled: true\n    config:\n      machines:\n        - {name: m, check: tpc}\n", `:6: `},
	} {
		file := configFile(t, c.text)
		for _, command := range []string{"check", "run", "chat"} {
			r := invoke("", command, "-c", file)
			if r.code != 1 || !strings.Contains(r.err, file+c.want) || r.out != "" {
				t.Errorf("%s: %s: exit %d, %q, %q; want exit 1 and %q", command, c.name, r.code, r.out, r.err, c.want)
			}
		}
	}
	r := invoke("", "check", "-c", "no-such.yaml")
	if r.code != 1 || !strings.Contains(r.err, "no-such.yaml") || !strings.Contains(r.err, "-c FILE") {
		t.Errorf("a missing file: exit %d, %q", r.code, r.err)
	}
}

func TestRunWithoutAServerSaysSoAndLeavesNoFile(t *testing.T) {
	file := configFile(t, "nlu: {learn: false}\nskills: {ping: {enabled: true}}\n")
	t.Chdir(filepath.Dir(file))
	r := invoke("", "run", "-c", "skills.yaml")
	for _, want := range []string{"skills.yaml lists no component and no account under xmpp", "dragoman chat -c skills.yaml"} {
		if r.code != 1 || !strings.Contains(r.err, want) {
			t.Errorf("exit %d, %q; want exit 1 and %q", r.code, r.err, want)
		}
	}
	if files, err := filepath.Glob("dragoman.db*"); err != nil || len(files) > 0 {
		t.Errorf("a database was made: %v, %v", files, err)
	}
}

func TestSecretsDoNotAppear(t *testing.T) {
	const secret = "correct-horse-battery"
	t.Setenv("SOME_SECRET", secret)
	xmpp := "xmpp: {components: [{domain: a.b, address: '127.0.0.1:1', secret: '${env:SOME_SECRET}', nic: x}]}\n"
	for name, text := range map[string]string{
		"beside a mistake":          xmpp,
		"in the place of another":   "bot: {timezone: '${env:SOME_SECRET}'}\n",
		"as a wrong type":           "skills: '${env:SOME_SECRET}'\n",
		"in a database's address":   "store: {url: 'postgres://u:${env:SOME_SECRET}@127.0.0.1:1/d'}\n",
		"in a bad database address": "store: {url: 'postgres://u:${env:SOME_SECRET}@127.0.0.1:port/d'}\n",
		"as a kind of database":     "store: {url: '${env:SOME_SECRET}:x'}\n",
	} {
		file := configFile(t, text)
		r := invoke("help\n", "chat", "-c", file, "--log-level", "debug", "--store", "")
		if r.code != 1 || r.err == "" {
			t.Errorf("%s: exit %d, %q; want a failure", name, r.code, r.err)
		}
		if strings.Contains(r.out+r.err, secret) {
			t.Errorf("%s: the secret is in the output:\n%s%s", name, r.out, r.err)
		}
	}
}

func TestChatAnswersEachLineOfAPipeAndExits0(t *testing.T) {
	r := invoke("get-status machine1\nsubscribe machine1\n\nlist machines\nfrobnicate\nping last", "chat", "-c", repositoryConfig, "--as", "mary@chat.local")
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	want := []string{
		"machine1 is currently running for ",
		" is now subscribed to changes to machine1",
		"I watch:", "machine1  up  ",
		"I do not understand “frobnicate”.", "say: keep it",
		"last",
	}
	if r.code != 0 || r.err != "" || len(lines) != len(want) {
		t.Fatalf("exit %d, standard error %q, output:\n%s", r.code, r.err, r.out)
	}
	for i := range want {
		if !strings.Contains(lines[i], want[i]) {
			t.Errorf("line %d is %q; want %q in it", i+1, lines[i], want[i])
		}
	}
}

func TestChatKeepsWhatItStoresOnlyWhenAsked(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "chat.db")
	chat := func(input string, more ...string) result {
		t.Helper()
		r := invoke(input, append([]string{"chat", "-c", repositoryConfig}, more...)...)
		if r.code != 0 {
			t.Fatalf("exit %d: %s", r.code, r.err)
		}
		return r
	}
	chat("subscribe machine1\n", "--store", url)
	if r := chat("subscriptions\n", "--store", url); !strings.Contains(r.out, "is subscribed to changes to machine1") {
		t.Errorf("with a database the subscription is lost: %q", r.out)
	}
	chat("subscribe machine1\n")
	if r := chat("subscriptions\n"); !strings.Contains(r.out, "is subscribed to nothing here") {
		t.Errorf("without a database something is kept: %q", r.out)
	}
}

func TestChatOnPostgreSQL(t *testing.T) {
	url := counterpart.PostgresURL(t)
	for i, want := range []string{" is now subscribed", " is already subscribed"} {
		r := invoke("subscribe machine1\n", "chat", "-c", repositoryConfig, "--store", url)
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("time %d: exit %d, %q, %q; want %q", i+1, r.code, r.out, r.err, want)
		}
	}
}

func TestTheLogOfAChatSaysOnlyWhatIsWrong(t *testing.T) {
	if r := invoke("ping\n", "chat", "-c", repositoryConfig); r.err != "" {
		t.Errorf("by default there is a log: %q", r.err)
	}
	r := invoke("ping\n", "chat", "-c", repositoryConfig, "--log-level", "info", "--log-format", "json")
	if first, _, _ := strings.Cut(r.err, "\n"); !strings.HasPrefix(first, "{") || !strings.Contains(first, `"level":"INFO"`) {
		t.Errorf("--log-level info --log-format json gives %q", first)
	}
}

func TestNullIsNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if terminal(null) || terminal(strings.NewReader("")) || prompt(null, "> ") != "" {
		t.Error("a prompt would be shown where nobody types")
	}
}
