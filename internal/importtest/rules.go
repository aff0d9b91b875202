package importtest

// House is Dragoman's table of rules. A package is bound by the first rule
// whose pattern matches it.
var House = Rules{
	Module: "dragoman",
	Packages: []Rule{
		{Of: "cmd/...", May: []string{"..."}, Why: "wiring happens here and nowhere else"},

		{Of: "skills", May: []string{"skills/*/...", "bot", "nlu", "store/...", "scheduler"}, Why: "the one table of skills"},
		{Of: "skills/internal/*", Why: "reading skills.yaml needs nothing else of ours"},
		{Of: "skills/*/...", May: []string{"self/...", "skills/internal/*", "bot", "nlu", "store/...", "scheduler"},
			Why: "a skill knows no other skill and no transport"},

		{Of: "bot", May: []string{"nlu", "nlu/*"}, Why: "the core knows no transport, no skill and no table"},
		{Of: "bot/access", May: []string{"bot", "store/..."}},
		{Of: "bot/outbox", May: []string{"bot", "store/..."}},
		{Of: "bot/outbox/outboxtest", May: []string{"bot", "bot/outbox", "store/..."}, Why: "the conformance suite of outboxes"},
		{Of: "bot/bottest", May: []string{"bot", "nlu", "nlu/*", "store/..."}, Why: "it stands in for what is outside a skill"},
		{Of: "bot/xmpp/stream", Why: "bytes and elements, nothing of ours"},
		{Of: "bot/xmpp/component", May: []string{"bot", "bot/xmpp", "bot/xmpp/stream"}},
		{Of: "bot/xmpp/client", May: []string{"bot", "bot/xmpp", "bot/xmpp/stream"}},
		{Of: "bot/xmpp", May: []string{"bot", "bot/xmpp/stream"}},
		{Of: "bot/console", May: []string{"bot"}},
		{Of: "bot/web", May: []string{"bot"}},

		{Of: "nlu", Why: "a pure library"},
		{Of: "nlu/entity", May: []string{"nlu", "nlu/when"}, Why: "times are a grammar of their own"},
		{Of: "nlu/learn", May: []string{"nlu", "nlu/*"}, Why: "it joins the stages that learn"},
		{Of: "nlu/evaluate", May: []string{"nlu", "nlu/*"}, Why: "it measures them"},
		{Of: "nlu/*", May: []string{"nlu"}, Why: "a pure library"},
		{Of: "scheduler", May: []string{"store/..."}, Why: "it owns no table"},
		{Of: "store/...", May: []string{"store/..."}},

		{Of: "internal/bench", May: []string{"internal/bench/stats", "internal/counterpart"}, Why: "it measures the program from outside"},
		{Of: "internal/bench/stats", Why: "it computes, and knows of nothing"},
		{Of: "internal/clock", Why: "the one source of time"},
		{Of: "internal/counterpart", Why: "what it starts must be independent of what it tests"},
		{Of: "internal/simulation", Why: "only tests, which may see the whole core"},
		{Of: "internal/importtest", Why: "it reads source, and needs nothing else"},
	},
	Everywhere: []string{"internal/clock"},
	// Tests may see more than the code they test, but skills and cmd stay
	// out of the packages that they are built on.
	Tests: []string{"internal/counterpart", "bot", "bot/...", "nlu", "nlu/*", "store/...", "scheduler"},
	// What serves tests stays out of the product.
	OnlyTests: []string{"bot/bottest", "bot/outbox/outboxtest"},
	Outside: []OutsideRule{
		{Imports: []string{"gorm.io/...", "github.com/glebarez/...", "modernc.org/sqlite/..."},
			In: []string{"store/**.go", "skills/*/store.go", "skills/*/store_test.go",
				"internal/simulation/*_test.go", "cmd/dragoman/*_test.go"},
			Why: "a table is known to the store and to the one file of the skill that owns it; tests look from outside"},
		{Imports: []string{"github.com/xmppo/go-xmpp"},
			In:  []string{"internal/counterpart/*.go"},
			Why: "go-xmpp is the independent human, never the bot's own connection"},
		{Imports: []string{"testing"},
			In:  []string{"**_test.go", "bot/bottest/*.go", "bot/outbox/outboxtest/*.go"},
			Why: "the product links no test code"},
	},
}
