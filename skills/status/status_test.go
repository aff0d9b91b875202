package status

import (
	"strings"
	"testing"
	"time"

	"dragoman/internal/clock"
	"dragoman/skills/internal/strictyaml"
)

func decoded(text string) (Config, error) {
	cfg := Defaults()
	err := strictyaml.Decode([]byte(text), strictyaml.Source{File: "f"}, &cfg)
	return cfg, err
}

func TestTheConfiguration(t *testing.T) {
	cfg, err := decoded("interval: 30s\ntimeout: 2s\nfailures: 3\nmachines:\n- {name: a, check: tcp, target: '127.0.0.1:22', timeout: 1s}\n- {name: b, check: local}\n")
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Interval != 30*time.Second || cfg.Timeout != 2*time.Second || cfg.Failures != 3 || len(cfg.Machines) != 2 {
		t.Errorf("%+v", cfg)
	}
	if m := cfg.Machines[0]; m.Name != "a" || m.Kind != "tcp" || m.Target != "127.0.0.1:22" || m.Timeout != time.Second {
		t.Errorf("%+v", m)
	}
	s := made(t, cfg, Deps{DB: inMemory(t)})
	a, _ := s.watch.get("a")
	b, _ := s.watch.get("b")
	if a.Timeout != time.Second || b.Timeout != 2*time.Second {
		t.Errorf("the timeouts are %v and %v", a.Timeout, b.Timeout)
	}
}

func TestAConfigurationThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"interval: 999ms":            "f:1: interval: it must be at least 1s",
		"timeout: 0s":                "f:1: timeout: it must be between 1ms and 1m0s",
		"timeout: 61s":               "f:1: timeout: it must be between",
		"failures: 0":                "f:1: failures: it must be at least 1",
		"machines: [{check: local}]": `f:1: missing key "name" in machines[0]`,
		"machines:\n- {name: a}":     "f:2: machines[0]: a check is needed: one of local, tcp",
		"machines:\n- {name: a, check: local}\n- {name: b, check: tpc, target: 'x:1'}": `f:3: machines[1]: there is no check "tpc"; did you mean "tcp"?`,
		"machines:\n- {name: a, check: local}\n\n- {name: A, check: local}":            `f:4: machines[1].name: machines[0] is called "a" too, and case does not count`,
		"machines:\n- {name: 'web  1', check: local}\n- {name: Web 1, check: local}":   `f:3: machines[1].name: machines[0] is called "web  1" too`,
		"machines:\n- {name: e\u0301, check: local}\n- {name: \u00e9, check: local}":   "f:3: machines[1].name",
		"machines:\n- {name: ' ', check: local}":                                       "f:2: machines[0].name: A machine needs a name",
		"machines:\n- {name: " + strings.Repeat("a", 65) + ", check: local}":           "f:2: machines[0].name: A machine needs a name of 1 to 64",
		"machines:\n- {name: \"a\\u202eb\", check: local}":                             "f:2: machines[0].name: A machine needs a name",
		"machines:\n- {name: a, check: local, timeout: 1h}":                            "f:2: machines[0].timeout: it must be between 1ms and 1m0s",
		"machines:\n- {name: a, check: local, traget: x}":                              `f:2: unknown key "traget" in machines[0]; did you mean "target"?`,
		"machines:\n- {name: a, check: http, target: 'http://u:hunter2@ x/'}":          "f:2: machines[0]",
		"machines:\n- {name: a, check: tcp, target: 'x:1', job: node}":                 "f:2: machines[0]: instance, job, query and stale are for prometheus",
	} {
		_, err := decoded(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q gives\n  %v\nwant\n  %s", text, err, want)
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	_, err := decoded("interval: 0s\nfailures: -1\nmachines:\n- {name: a, check: nothing}\n- {name: A, check: local, timeout: 1h}\n")
	if err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("%v", err)
	}
}

func TestXMPPIsAssumedUntilThereIsAConnection(t *testing.T) {
	cfg, err := decoded("machines: [{name: a, check: xmpp-ping, target: chat.local}]")
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(t.Context(), cfg, Deps{DB: inMemory(t), Log: quiet(), Notify: newWire(), Clock: clock.System{}})
	if err == nil || !strings.Contains(err.Error(), "machines[0]: xmpp-ping needs an XMPP connection") {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"web1": "web1", "  Web\t 1 ": "Web 1", "👨‍👩‍👧 pc": "👨‍👩‍👧 pc", `the "big" one`: `the "big" one`,
		"": "", " \n ": "", "a\x00b": "", "a\x1bb": "", "a\u2066b": "", strings.Repeat("é", 64): strings.Repeat("é", 64), strings.Repeat("é", 65): "",
	} {
		got, err := tidyName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q becomes %q, %v", name, got, err)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range []string{"web1", "Web Server 2", `the "big" one`, "db 🐘", "e\u0301cole", "?", "\u212a", "İstanbul", "ß", "a\u2028b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, written string) {
		name, err := tidyName(written)
		if err != nil {
			return
		}
		if again, err := tidyName(name); again != name || err != nil {
			t.Errorf("%q becomes %q, which becomes %q, %v", written, name, again, err)
		}
		m := &machine{Machine: Machine{Name: name}}
		s := &Skill{watch: &watch{by: map[string]*machine{key(name): m}}}
		for _, as := range []string{name, written, "  " + name + "\t"} {
			if found, err := s.find(as); found != m {
				t.Errorf("%q is not found as %q: %v", name, as, err)
			}
		}
	})
}
