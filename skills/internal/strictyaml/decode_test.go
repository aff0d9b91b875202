package strictyaml

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// mode is an enumeration as skills declare theirs.
type mode string

func (m *mode) UnmarshalText(b []byte) error {
	if s := string(b); s != "starttls" && s != "direct" {
		return fmt.Errorf("%q is not a TLS mode: starttls or direct", s)
	}
	*m = mode(b)
	return nil
}

type component struct {
	Domain  string   `yaml:"domain" required:"true"`
	Address string   `yaml:"address"`
	Secret  Secret   `yaml:"secret" required:"true"`
	Nick    string   `yaml:"nick"`
	Rooms   []string `yaml:"rooms"`
	TLS     mode     `yaml:"tls"`
	Port    uint16   `yaml:"port"`
}

func (c *component) Validate() error {
	if strings.Contains(c.Address, " ") {
		return Key("address", fmt.Errorf("%q is not host:port", c.Address))
	}
	if c.Nick == c.Domain {
		return errors.New("nick and domain are the same")
	}
	return nil
}

type skill struct {
	Enabled bool    `yaml:"enabled"`
	Config  Section `yaml:"config"`
}

type common struct {
	Locale string `yaml:"locale"`
}

type file struct {
	Bot struct {
		common
		Name  string        `yaml:"name"`
		Zone  Zone          `yaml:"timezone"`
		Wait  time.Duration `yaml:"wait"`
		Ratio float64       `yaml:"ratio"`
		Tries int8          `yaml:"tries"`
		Note  *string       `yaml:"note"`
		Plain string
	} `yaml:"bot"`
	XMPP struct {
		Components []component `yaml:"components"`
	} `yaml:"xmpp"`
	Skills map[string]skill `yaml:"skills"`
}

var env = map[string]string{"SECRET": "hunter2-correct", "PORT": "5347", "EMPTY": "", "BAD": "not-a-number", "ADDR": "not an address", "MODE": "open-sesame"}

func source() Source {
	return Source{
		File:   "skills.yaml",
		Getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if path != "pw.txt" {
				return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
			}
			return []byte("from the file\n\n"), nil
		},
	}
}

const good = `# a comment
bot: {name: dragoman, locale: en, timezone: Europe/Berlin, wait: 7d, ratio: 2, tries: -3, note: hello}
xmpp:
  components:
    - &first {domain: a.chat.local, address: "127.0.0.1:5347", secret: "${env:SECRET}", tls: direct, port: "${env:PORT}"}
    - domain: b.chat.local
      secret: ${file:pw.txt}
      rooms: [ops@rooms, "$${env:X} costs 5$"]
skills:
  status: {enabled: true, config: {interval: 15s}}
  ping: {enabled: false}
`

func TestAGoodFileFillsEveryKindOfField(t *testing.T) {
	var f file
	if err := Decode([]byte(good), source(), &f); err != nil {
		t.Fatal(err)
	}
	b := f.Bot
	if b.Name != "dragoman" || b.Locale != "en" || b.Zone.String() != "Europe/Berlin" || b.Wait != 7*24*time.Hour ||
		b.Ratio != 2 || b.Tries != -3 || b.Note == nil || *b.Note != "hello" {
		t.Errorf("bot = %+v", b)
	}
	want := []component{
		{Domain: "a.chat.local", Address: "127.0.0.1:5347", Secret: "hunter2-correct", TLS: "direct", Port: 5347},
		{Domain: "b.chat.local", Secret: "from the file\n", Rooms: []string{"ops@rooms", "${env:X} costs 5$"}},
	}
	if !reflect.DeepEqual(f.XMPP.Components, want) {
		t.Errorf("components = %+v, want %+v", f.XMPP.Components, want)
	}
	if len(f.Skills) != 2 || !f.Skills["status"].Enabled || !f.Skills["status"].Config.Present() || f.Skills["ping"].Config.Present() {
		t.Errorf("skills = %+v", f.Skills)
	}
}

func TestDefaultsStayUnlessTheFileSaysOtherwise(t *testing.T) {
	var f file
	f.Bot.Name, f.Bot.Wait = "default", time.Second
	f.XMPP.Components = []component{{Domain: "default"}}
	if err := Decode([]byte("bot: {name: other}\nxmpp:\n"), source(), &f); err != nil {
		t.Fatal(err)
	}
	if f.Bot.Name != "other" || f.Bot.Wait != time.Second || len(f.XMPP.Components) != 1 {
		t.Errorf("got %+v", f)
	}
	if err := Decode([]byte("xmpp: {components: []}"), source(), &f); err != nil || len(f.XMPP.Components) != 0 {
		t.Errorf("an empty list must replace the default: %v, %+v", err, f.XMPP.Components)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "~"} {
		if err := Decode([]byte(empty), source(), &f); err != nil {
			t.Errorf("Decode(%q) = %v", empty, err)
		}
	}
}

// one wraps a component's keys in the smallest file that has one.
func one(keys string) string { return "xmpp:\n  components:\n    - {" + keys + "}\n" }

func TestEachProblemNamesLineAndRemedy(t *testing.T) {
	ok := "domain: d, secret: s"
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", one(ok + ", addres: x"), `3: unknown key "addres" in xmpp.components[0]; did you mean "address"?`},
		{"unknown at the top", "bots: {}", `1: unknown key "bots"; did you mean "bot"?`},
		{"nothing near", "bot:\n  xyzzy: 1", `2: unknown key "xyzzy" in bot; the keys are locale, name, timezone, wait, ratio, tries, note`},
		{"no space after the colon", "xmpp: {components: [{domain: d, secret:hunter2}]}", `1: unknown key "secret…" in xmpp.components[0]; a space must follow the colon`},
		{"Go name is no key", "bot: {Plain: x}", `1: unknown key "Plain" in bot; the keys are`},
		{"missing key", one("secret: s"), `3: missing key "domain" in xmpp.components[0]`},
		{"required but empty", one("domain: , secret: s"), `3: xmpp.components[0].domain has no value`},
		{"duplicate", "bot:\n  name: a\n  wait: 1s\n  name: b", `4: key "name" in bot is given twice; it is already in line 2`},
		{"duplicate in a map", "skills:\n  ping: {}\n  ping: {}", `3: key "ping" in skills is given twice`},
		{"number for text", "bot: {name: 5}", `1: bot.name must be text; put it in quotes, not a number`},
		{"list for text", "bot: {name: [a]}", `1: bot.name must be text; put it in quotes, not a list`},
		{"text for a list", "xmpp: {components: a}", `1: xmpp.components must be a list ([a, b], or a line with - for each), not text`},
		{"text for a struct", "bot: hello", `1: bot must have keys of its own, not text`},
		{"list for a map", "skills: [a]", `1: skills must have keys of its own, not a list`},
		{"list at the top", "- a", `1: the file must have keys of its own, not a list`},
		{"null for text", "bot: {name: }", `1: bot.name has no value; give it one or remove the line`},
		{"yes is no boolean", "skills: {ping: {enabled: yes}}", `1: skills.ping.enabled must be true or false, not "yes"`},
		{"too large", one(ok + ", port: 65536"), `3: xmpp.components[0].port must be a whole number from 0 to 65535, not a number`},
		{"negative", "bot: {tries: -129}", `1: bot.tries must be a whole number from -128 to 127`},
		{"fraction", "bot: {tries: 1.5}", `1: bot.tries must be a whole number from -128 to 127, not a number with a fraction`},
		{"quoted number", `bot: {tries: "1"}`, `1: bot.tries must be a whole number from -128 to 127, not "1"`},
		{"duration without unit", "bot: {wait: 15}", `1: bot.wait must be a duration with its unit, such as 15s, 5m or 7d, not a number`},
		{"duration of rubbish", "bot: {wait: 15x}", `1: bot.wait must be a duration with its unit, such as 15s, 5m or 7d, not "15x"`},
		{"zone", "bot: {timezone: Europe/Berln}", `1: bot.timezone: "Europe/Berln" is not a time zone known here`},
		{"the machine's own zone", "bot: {timezone: Local}", `1: bot.timezone: "Local" is not a time zone known here`},
		{"enum", one(ok + ", tls: none"), `3: xmpp.components[0].tls: "none" is not a TLS mode: starttls or direct`},
		{"Validate on a struct", one("domain: d, nick: d, secret: s"), `3: xmpp.components[0]: nick and domain are the same`},
		{"Validate on a key", "xmpp:\n  components:\n    - domain: d\n      secret: s\n      address: a b", `5: xmpp.components[0].address: "a b" is not host:port`},
		{"variable", one("domain: d, secret: '${env:NOPE}'"), `3: xmpp.components[0].secret: the environment variable NOPE is not set`},
		{"empty variable", one("domain: d, secret: '${env:EMPTY}'"), `3: xmpp.components[0].secret is empty`},
		{"file", one("domain: d, secret: '${file:gone.txt}'"), `3: xmpp.components[0].secret: cannot read the file gone.txt: file does not exist`},
		{"unknown expansion", "bot: {name: '${HOME}'}", `1: bot.name: an expansion is ${env:NAME} or ${file:PATH}`},
		{"open expansion", "bot: {name: '${env:A'}", `1: bot.name has a ${ without its }`},
		{"merge key", "bot:\n  <<: {name: a}", `2: merge keys (<<) are not supported in bot; write the keys out`},
		{"tag", "bot: {name: !!binary aGk=}", `1: bot.name has a tag (!)`},
		{"list as key", "bot: {[a]: b}", `1: a key in bot is not a word`},
		{"two documents", "bot: {}\n---\nbot: {}", `2: a second document begins here`},
		{"second document broken", "bot: {}\n---\nbot: {", `not valid YAML`},
		{"syntax in the first line", "bot: {name: a", `1: not valid YAML: did not find expected ',' or '}'`},
		{"syntax further down", "bot:\n  name: a\nxmpp: {\n\nx", `3: not valid YAML: did not find expected ',' or '}'`},
		{"scanner", "bot:\n  name: a: b", `2: not valid YAML: mapping values are not allowed in this context`},
		{"not UTF-8", "bot: \xff", `not valid YAML: `},
		{"unknown anchor", "bot:\n  name: x\n  note: *hunter2", `3: not valid YAML: a value that begins with * is an alias, and there is no such anchor`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f file
			err := Decode([]byte(c.yaml), source(), &f)
			var ps Problems
			if !errors.As(err, &ps) || len(ps) != 1 {
				t.Fatalf("got %d problems, want 1: %v", len(ps), err)
			}
			if got := err.Error(); !strings.Contains(got, c.want) || !strings.HasPrefix(got, "skills.yaml:") {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is in %q", err)
			}
		})
	}
}

func TestAllProblemsComeAtOnceInTheOrderOfTheirLines(t *testing.T) {
	const bad = `bot: {name: 5}
xmpp:
  components:
    - nick: a
      addres: b
    - {domain: c, secret: d, port: many}
skills:
  status: {enabld: true}
`
	var f file
	var ps Problems
	if !errors.As(Decode([]byte(bad), source(), &f), &ps) {
		t.Fatal("no Problems")
	}
	var lines []int
	for _, p := range ps {
		lines = append(lines, p.Line)
	}
	if want := []int{1, 4, 4, 5, 6, 8}; !reflect.DeepEqual(lines, want) {
		t.Errorf("lines %v, want %v:\n%v", lines, want, ps)
	}
	if got := strings.Count(ps.Error(), "\n") + 1; got != len(ps) {
		t.Errorf("%d lines of text for %d problems", got, len(ps))
	}
}

func TestManyProblemsAreCountedNotListed(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	var f file
	var ps Problems
	if !errors.As(Decode([]byte(b.String()), source(), &f), &ps) || len(ps) != maxProblems+1 {
		t.Fatalf("got %d problems", len(ps))
	}
	if got := ps[maxProblems].Text; got != "and 200 more problems" {
		t.Errorf("the last is %q", got)
	}
}

func TestErrorsHoldNoValueThatWasExpanded(t *testing.T) {
	for _, keys := range []string{
		"domain: d, secret: s, port: '${env:BAD}'",
		"domain: d, secret: s, address: '${env:ADDR}'",
		"domain: d, secret: s, address: 'x ${env:SECRET}'",
		"domain: d, secret: s, tls: '${env:MODE}'",
		"domain: d, secret: s, tls: '${file:pw.txt}'",
		"domain: d, secret: [hunter2-correct]",
		"domain: d, secret: 20077002, port: x",
		"domain: d, secret: hunter2-correct, address: 'see hunter2-correct'",
	} {
		var f file
		err := Decode([]byte(one(keys)), source(), &f)
		if err == nil {
			t.Errorf("%s: no error", keys)
			continue
		}
		for _, secret := range []string{"hunter2", "not-a", "not an", "sesame", "the file", "20077002"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %q is in the error %q", keys, secret, err)
			}
		}
	}
}

func TestAnExpandedValueCannotBecomeStructure(t *testing.T) {
	src := source()
	src.Getenv = func(string) (string, bool) { return "x\nsecret: y, ${env:AGAIN} [a, &b]", true }
	var f file
	if err := Decode([]byte(one("domain: '${env:X}', secret: s")), src, &f); err != nil {
		t.Fatal(err)
	}
	if got := f.XMPP.Components[0]; got.Domain != "x\nsecret: y, ${env:AGAIN} [a, &b]" || got.Secret != "s" {
		t.Errorf("got %+v", got)
	}
}

func TestBombsAreRefusedQuickly(t *testing.T) {
	var tower strings.Builder
	tower.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&tower, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	type nest []nest
	var flat map[string][]string
	for _, c := range []struct{ name, yaml, want string }{
		{"billion laughs", tower.String(), "aliases unfold to more than 10000 values"},
		{"an anchor inside itself", "a: &a [*a, *a]", "nested deeper than 64 levels"},
		{"nesting", "a: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000), "nested deeper than 64 levels"},
		{"nesting beyond the parser", "a: " + strings.Repeat("[", 200_000), "exceeded max depth"},
		{"expansion", "'${env:SECRET}': ['" + strings.Repeat("${env:SECRET}", 75_000) + "']", "expands to more than 1048576 bytes"},
		{"size", "a: [" + strings.Repeat("[],", maxFile/3) + "]", "at most 1048576 are read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var into any = &map[string]nest{}
			if c.name == "expansion" {
				into = &flat
			}
			start := time.Now()
			err := Decode([]byte(c.yaml), source(), into)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestSectionDecodesLaterWithTheSameLines(t *testing.T) {
	var f file
	src := source()
	const yaml = "skills:\n  status:\n    enabled: true\n    config:\n      intervall: 15s\n      machines:\n        - {name: a}\n        - {name: a}\n  ping:\n    enabled: true\n"
	if err := Decode([]byte(yaml), src, &f); err != nil {
		t.Fatal(err)
	}
	type config struct {
		Interval time.Duration `yaml:"interval"`
		Machines []struct {
			Name string `yaml:"name"`
		} `yaml:"machines" required:"true"`
	}
	section := f.Skills["status"].Config
	var c config
	if got, want := fmt.Sprint(section.Decode(&c)), `skills.yaml:5: unknown key "intervall" in skills.status.config; did you mean "interval"?`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for path, want := range map[string]string{
		"machines[1].name": "skills.yaml:8: skills.status.config.machines[1].name: given twice",
		"machines[7].name": "skills.yaml:6: skills.status.config.machines[7].name: given twice",
		"":                 "skills.yaml:5: skills.status.config: given twice",
	} {
		if got := fmt.Sprint(section.At(path, errors.New("given twice"))); got != want {
			t.Errorf("At(%q) = %s, want %s", path, got, want)
		}
	}
	if err := section.At("machines", nil); err != nil {
		t.Errorf("At(nil) = %v", err)
	}
	if got, want := fmt.Sprint(f.Skills["ping"].Config.Decode(&c)), `skills.yaml:10: missing key "machines" in skills.ping.config`; got != want {
		t.Errorf("absent section: got %s, want %s", got, want)
	}
	d := struct {
		Wait time.Duration `yaml:"wait"`
	}{time.Second}
	if err := (Section{}).Decode(&d); err != nil || d.Wait != time.Second {
		t.Errorf("zero Section: %v, %+v", err, d)
	}
	if got := fmt.Sprint(Section{}.Decode(&c)); got != `missing key "machines"` {
		t.Errorf("zero Section: %s", got)
	}
}

type picky struct{}

func (picky) Validate() error { return errors.Join(errors.New("one"), errors.New("two")) }

func TestValidateMayGiveSeveralErrors(t *testing.T) {
	var p picky
	if got := fmt.Sprint(Decode(nil, Source{File: "f"}, &p)); got != "f:1: one\nf:1: two" {
		t.Errorf("got %q", got)
	}
}

func TestAGoTypeThatNoFileCanFillIsSaid(t *testing.T) {
	var into struct {
		A any `yaml:"a"`
	}
	if got := fmt.Sprint(Decode([]byte("a: x"), Source{File: "f"}, &into)); !strings.Contains(got, "its Go type is interface {}") {
		t.Errorf("got %s", got)
	}
}

func TestFilesAreReadBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"crlf": "windows\r\n", "bare": "bare", "binary": "\xff"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("STRICTYAML_TEST", "from the environment")
	src := Source{File: filepath.Join(dir, "skills.yaml")}
	var got []string
	yaml := fmt.Sprintf("['${file:crlf}', '${file:%s/bare}', '${env:STRICTYAML_TEST}']", dir)
	if err := Decode([]byte(yaml), src, &got); err != nil || !reflect.DeepEqual(got, []string{"windows", "bare", "from the environment"}) {
		t.Errorf("got %q, %v", got, err)
	}
	for path, want := range map[string]string{"binary": "not UTF-8", "/dev/zero": "not a regular file", ".": "not a regular file", "gone": "no such file"} {
		if err := Decode([]byte("['${file:"+path+"}']"), src, &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
