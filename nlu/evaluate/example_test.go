package evaluate_test

import (
	"fmt"
	"strings"

	"dragoman/nlu/evaluate"
)

func Example() {
	samples, err := evaluate.ReadTSV(strings.NewReader("" +
		"get-status\tis web1 up\n" +
		"list-events\twhat is on today\n" +
		"oos\twhy is the sky blue\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var ps []evaluate.Prediction
	for _, s := range samples {
		got := "get-status" // a model that knows one answer
		if strings.Contains(s.Text, "sky") {
			got = evaluate.OOS
		}
		ps = append(ps, evaluate.Prediction{Want: s.Label, Got: got})
	}
	r := evaluate.NewReport(ps)
	fmt.Printf("in scope %.2f, refused %.2f\n", *r.InScopeAccuracy, *r.OOSRecall)
	for _, p := range evaluate.NewConfusion(ps).Pairs(1) {
		fmt.Printf("%s is taken for %s\n", p.Want, p.Got)
	}
	// Output:
	// in scope 0.50, refused 1.00
	// list-events is taken for get-status
}
