package importtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestImportsPointInward(t *testing.T) {
	breaches, err := House.Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

// file is a Go file with these imports.
func file(imports ...string) *fstest.MapFile {
	var b strings.Builder
	b.WriteString("package p\n")
	for _, i := range imports {
		b.WriteString("import _ \"" + i + "\"\n")
	}
	return &fstest.MapFile{Data: []byte(b.String())}
}

func TestTheHouseRules(t *testing.T) {
	for name, test := range map[string]struct {
		file    string
		imports string
		ok      bool
	}{
		"everything may tell the time":                {"bot/xmpp/stream/a.go", "dragoman/internal/clock", true},
		"cmd may import everything":                   {"cmd/dragoman/a.go", "dragoman/skills/sms", true},
		"cmd may not link test doubles":               {"cmd/dragoman/a.go", "dragoman/bot/bottest", false},
		"a test of cmd may use them":                  {"cmd/dragoman/a_test.go", "dragoman/bot/bottest", true},
		"the table of skills knows skills":            {"skills/skills.go", "dragoman/skills/ping", true},
		"the table of skills wires their inner parts": {"skills/skills.go", "dragoman/skills/sms/gateway", true},
		"a skill knows the core":                      {"skills/ping/ping.go", "dragoman/bot", true},
		"a skill knows no other skill":                {"skills/ping/ping.go", "dragoman/skills/status", false},
		"nor does its test":                           {"skills/ping/ping_test.go", "dragoman/skills/status", false},
		"nor does its inner part":                     {"skills/sms/gateway/a.go", "dragoman/skills/status/x", false},
		"a skill knows its inner parts":               {"skills/sms/sms.go", "dragoman/skills/sms/gateway", true},
		"an inner part knows its skill":               {"skills/sms/gateway/a.go", "dragoman/skills/sms", true},
		"a skill knows no transport":                  {"skills/ping/ping.go", "dragoman/bot/xmpp", false},
		"the core knows no transport":                 {"bot/a.go", "dragoman/bot/xmpp", false},
		"the core understands language":               {"bot/a.go", "dragoman/nlu/rules", true},
		"the core knows no store":                     {"bot/a.go", "dragoman/store", false},
		"transports don't know each other":            {"bot/web/a.go", "dragoman/bot/console", false},
		"a component speaks XMPP":                     {"bot/xmpp/component/a.go", "dragoman/bot/xmpp/stream", true},
		"a component is no client":                    {"bot/xmpp/component/a.go", "dragoman/bot/xmpp/client", false},
		"the stream knows nothing of ours":            {"bot/xmpp/stream/a.go", "dragoman/bot", false},
		"language knows no bot":                       {"nlu/rules/a.go", "dragoman/bot", false},
		"the store knows no scheduler":                {"store/a.go", "dragoman/scheduler", false},
		"the store knows its parts":                   {"store/queue/a.go", "dragoman/store", true},
		"a test may start real servers":               {"bot/xmpp/component/a_test.go", "dragoman/internal/counterpart", true},
		"the bot may not":                             {"bot/xmpp/component/a.go", "dragoman/internal/counterpart", false},
		"a test may be outside of its package":        {"nlu/rules/a_test.go", "dragoman/nlu/rules", true},
		"the core's test knows no skill":              {"bot/a_test.go", "dragoman/skills/ping", false},
		"the counterparts know nothing they test":     {"internal/counterpart/a.go", "dragoman/bot/xmpp/stream", false},
		"the benchmark starts real servers":           {"internal/bench/a.go", "dragoman/internal/counterpart", true},
		"the benchmark sees the bot from outside":     {"internal/bench/a.go", "dragoman/bot", false},
		"GORM is for the store":                       {"store/queue/a.go", "gorm.io/gorm", true},
		"GORM is for a skill's store.go":              {"skills/status/store.go", "gorm.io/gorm", true},
		"GORM is for its test":                        {"skills/status/store_test.go", "gorm.io/gorm/clause", true},
		"GORM is not for the rest of a skill":         {"skills/status/status.go", "gorm.io/gorm", false},
		"GORM is not for the scheduler":               {"scheduler/a.go", "gorm.io/gorm", false},
		"go-xmpp is for the counterparts":             {"internal/counterpart/human.go", "github.com/xmppo/go-xmpp", true},
		"go-xmpp is not for the bot":                  {"bot/xmpp/client/a.go", "github.com/xmppo/go-xmpp", false},
		"the product links no test code":              {"bot/a.go", "testing", false},
		"tests do":                                    {"bot/a_test.go", "testing", true},
		"the conformance kit does":                    {"bot/bottest/kit.go", "testing", true},
		"anything else from outside is free":          {"bot/a.go", "github.com/robfig/cron/v3", true},
		"a package without a rule fails":              {"util/a.go", "fmt", false},
		"a package below one with a rule fails, too":  {"bot/common/a.go", "fmt", false},
		"test data is no package":                     {"bot/testdata/src/a.go", "dragoman/skills", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := House.Check(fstest.MapFS{test.file: file(test.imports)})
			if err != nil {
				t.Fatal(err)
			}
			if ok := len(got) == 0; ok != test.ok {
				t.Errorf("%s imports %s: %v", test.file, test.imports, got)
			}
		})
	}
}

func TestABreachNamesFileImportAndReason(t *testing.T) {
	got, err := House.Check(fstest.MapFS{
		"skills/ping/ping.go": file("fmt", "dragoman/skills/status"),
		"odd/a.go":            file("fmt"),
		"odd/b.go":            file("fmt"),
	})
	want := []string{
		`"odd": no rule names this package; add one to internal/importtest/rules.go`,
		"skills/ping/ping.go: must not import skills/status (a skill knows no other skill and no transport)",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("breaches %q, %v; want %q", got, err, want)
	}
}

func TestAFileThatIsNotGoIsAnError(t *testing.T) {
	if _, err := House.Check(fstest.MapFS{"bot/a.go": {Data: []byte("not go")}}); err == nil {
		t.Error("a file that can't be read passes")
	}
}
