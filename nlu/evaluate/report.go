package evaluate

import "math"

// Report is what `dragoman nlu eval --json` says. Shares go from 0 to 1; what
// does not apply or was not measured is nil, and null in JSON.
type Report struct {
	Examples        int      `json:"examples"`         // utterances of the test
	Intents         int      `json:"intents"`          // labels of the test without OOS; a caller that trained a model sets the model's
	Accuracy        *float64 `json:"accuracy"`         // see Accuracy
	InScopeAccuracy *float64 `json:"inscope_accuracy"` // see InScopeAccuracy
	OOSRecall       *float64 `json:"oos_recall"`       // see OOSRecall
	OOSPrecision    *float64 `json:"oos_precision"`    // see OOSPrecision
	MacroF1         *float64 `json:"macro_f1"`         // see MacroF1
	MCC             *float64 `json:"mcc"`              // see MCC
	SlotF1          *float64 `json:"slot_f1"`          // set by SetSlots

	TrainSeconds       *float64 `json:"train_seconds"`        // set by the caller
	USPerUtterance     *float64 `json:"us_per_utterance"`     // microseconds on one thread, set by the caller
	AllocsPerUtterance *float64 `json:"allocs_per_utterance"` // set by the caller
}

// NewReport returns a Report with all measures of predictions.
func NewReport(ps []Prediction) Report {
	intents := make(map[string]bool)
	for _, p := range ps {
		if p.want() != OOS {
			intents[p.Want] = true
		}
	}
	return Report{
		Examples:        len(ps),
		Intents:         len(intents),
		Accuracy:        applies(Accuracy(ps)),
		InScopeAccuracy: applies(InScopeAccuracy(ps)),
		OOSRecall:       applies(OOSRecall(ps)),
		OOSPrecision:    applies(OOSPrecision(ps)),
		MacroF1:         applies(MacroF1(ps)),
		MCC:             applies(MCC(ps)),
	}
}

// SetSlots sets SlotF1.
func (r *Report) SetSlots(s Slots) { r.SlotF1 = applies(s.F1()) }

// applies returns nil for NaN, which JSON does not have.
func applies(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
