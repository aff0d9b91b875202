package llm

import (
	"net/http"
	"testing"
)

// BenchmarkAsk is all that a question costs on this side: the description of six
// commands, the budget, the reading of the answer. The server takes no time.
func BenchmarkAsk(b *testing.B) {
	o := options(b)
	o.Budget = 1 << 40
	o.Transport = &answers{give: []func() (*http.Response, error){
		called("mute", `{"machine":"web1","for":"half an hour","certainty":"certain"}`)}}
	c := client(b, o)
	r := chat("please shut the shop up for half an hour")
	b.ReportAllocs()
	for b.Loop() {
		if res, err := c.Ask(b.Context(), r); err != nil || len(res.Intents) != 1 {
			b.Fatal(brief(res, err))
		}
	}
}
