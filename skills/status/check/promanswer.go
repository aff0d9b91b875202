package check

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// promSeries is what an answer says of one series.
type promSeries struct {
	instance string
	value    string // a float in Prometheus's own writing, "" when not given
	age      time.Duration
	hasAge   bool
}

// promTargets is an answer, put together again by labels.
type promTargets struct {
	series []promSeries
	boots  map[string][]float64 // seconds since 1970, by instance
}

// parseAnswer reads an instant vector (Prometheus HTTP API, "Instant queries")
// and reports whether it was one.
func parseAnswer(body []byte) (promTargets, bool) {
	var answer struct {
		Status string `json:"status"`
		Data   struct {
			Type   string `json:"resultType"`
			Result []struct {
				Metric map[string]string  `json:"metric"`
				Value  [2]json.RawMessage `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Status != "success" || answer.Data.Type != "vector" {
		return promTargets{}, false
	}
	targets := promTargets{boots: make(map[string][]float64)}
	places := make(map[string]int)
	for _, r := range answer.Data.Result {
		var value string
		if json.Unmarshal(r.Value[1], &value) != nil {
			return promTargets{}, false
		}
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return promTargets{}, false
		}
		name := r.Metric[partLabel]
		if name == partBoot {
			targets.boots[r.Metric["instance"]] = append(targets.boots[r.Metric["instance"]], number)
			continue
		}
		s := targets.at(places, r.Metric)
		switch name {
		case partValue:
			s.value = value
		case partAge:
			// One that is no number, or beyond all sense, stays unknown.
			if math.Abs(number) < 1e9 {
				s.age, s.hasAge = time.Duration(number*float64(time.Second)), true
			}
		default:
			return promTargets{}, false
		}
	}
	return targets, true
}

// at is the series with these labels, apart from the name, which only its value
// has, and our own.
func (t *promTargets) at(places map[string]int, labels map[string]string) *promSeries {
	delete(labels, "__name__")
	delete(labels, partLabel)
	key, _ := json.Marshal(labels) // sorts the keys, and a map of strings cannot fail
	i, ok := places[string(key)]
	if !ok {
		i = len(t.series)
		places[string(key)] = i
		t.series = append(t.series, promSeries{instance: labels["instance"]})
	}
	return &t.series[i]
}

// since is the boot time of an instance, and zero unless there is exactly one
// and it makes sense.
func (t *promTargets) since(instance string, now time.Time) time.Time {
	boots := t.boots[instance]
	if len(boots) != 1 || !(boots[0] > 0 && boots[0] < 1e11) {
		return time.Time{}
	}
	boot := time.Unix(int64(boots[0]), 0)
	if boot.After(now.Add(time.Minute)) {
		return time.Time{}
	}
	return boot
}
