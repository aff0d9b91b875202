package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dragoman/skills/internal/strictyaml"
)

const maxPromAnswer = 1 << 20 // bytes; one target's is under 2 KiB

// selector is one PromQL instant selector. Anything more is refused: of an
// expression the age of its samples cannot be asked, and a job that was removed
// keeps its last value for five minutes.
var selector = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{\s*([a-zA-Z_][a-zA-Z0-9_]*\s*(=|!=|=~|!~)\s*("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*')\s*(,\s*)?)*\})?$`)

// prometheus asks a Prometheus about one of its targets, once, so that all
// parts of the answer are of one moment.
type prometheus struct {
	url    *url.URL
	deps   Deps
	stale  time.Duration
	custom bool // the series is not up
}

// newPrometheus is up when the series of one target is 1, down when it is 0,
// and Unknown in every other case: no series, several, an old sample, no
// answer. Since comes from the target's node_boot_time_seconds where it has one.
// The Spec's instance, job and query may also be parameters of the target URL.
func newPrometheus(spec Spec, d Deps) (probe, error) {
	u, err := parseURL(spec.Target)
	if err != nil {
		return nil, fmt.Errorf("prometheus needs its URL, for example http://127.0.0.1:9090/?instance=web1:9100%s", err)
	}
	if err := parameters(u, &spec); err != nil {
		return nil, err
	}
	if spec.Stale == 0 {
		spec.Stale = DefaultStale
	}
	if len(spec.Instance)+len(spec.Job)+len(spec.Query) > 2048 {
		return nil, errors.New("instance, job and query are too long")
	}
	if spec.Query != "" && !selector.MatchString(spec.Query) {
		return nil, errors.New(`query must be a single selector, for example probe_success{instance="web1"}: the age of an expression's samples cannot be asked`)
	}
	u = u.JoinPath("api/v1/query")
	u.RawQuery = url.Values{"query": {question(spec)}}.Encode()
	p := &prometheus{url: u, deps: d, stale: spec.Stale, custom: spec.Query != ""}
	return p.probe, nil
}

// parameters moves the parameters of the target URL to where the Spec has them.
func parameters(u *url.URL, spec *Spec) error {
	given, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the parameters of the URL of prometheus cannot be read")
	}
	u.RawQuery = ""
	places := map[string]*string{"instance": &spec.Instance, "job": &spec.Job, "query": &spec.Query}
	for name, values := range given {
		place, ok := places[name]
		if !ok {
			if near, ok := strictyaml.Nearest(name, []string{"instance", "job", "query"}); ok {
				return fmt.Errorf("the URL of prometheus has an unknown parameter; did you mean %q?", near)
			}
			return errors.New("the URL of prometheus takes the parameters instance, job and query only")
		}
		if *place != "" || len(values) > 1 {
			return fmt.Errorf("%s is given twice", name)
		}
		*place = values[0]
	}
	if spec.Query == "" && spec.Instance == "" && spec.Job == "" {
		return errors.New("prometheus needs to know which target is meant: give its instance, its job or both, or a query")
	}
	if spec.Query != "" && (spec.Instance != "" || spec.Job != "") {
		return errors.New("prometheus takes either a query or instance and job; write the labels into the query")
	}
	return nil
}

// The parts of an answer, as our own label says.
const (
	partLabel = "dragoman"
	partValue = "value"
	partAge   = "age"
	partBoot  = "boot"
)

// question is the PromQL that asks for value, age and boot time at once. The
// age is computed by Prometheus, so that its clock and ours need not agree.
func question(spec Spec) string {
	var matchers []string
	if spec.Instance != "" {
		matchers = append(matchers, "instance="+strconv.Quote(spec.Instance))
	}
	if spec.Job != "" {
		matchers = append(matchers, "job="+strconv.Quote(spec.Job))
	}
	which := "{" + strings.Join(matchers, ",") + "}"
	series := spec.Query
	if series == "" {
		series = "up" + which
	}
	parts := []string{part(series, partValue), part("time() - timestamp("+series+")", partAge)}
	if len(matchers) > 0 {
		boot := "node_boot_time_seconds" + which
		fresh := fmt.Sprintf("%s and (time() - timestamp(%s) <= %g)", boot, boot, spec.Stale.Seconds())
		parts = append(parts, part(fresh, partBoot))
	}
	return strings.Join(parts, " or ")
}

// part labels the series of an expression, which keeps them apart in a union.
func part(expression, name string) string {
	return fmt.Sprintf(`label_replace(%s, "%s", "%s", "instance", ".*")`, expression, partLabel, name)
}

func (p *prometheus) probe(ctx context.Context) Result {
	resp, err := get(ctx, p.deps, p.url)
	if err != nil {
		return cannotAsk(failure(err).Detail)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusBadRequest {
		return cannotAsk("it refuses the query")
	}
	if resp.StatusCode != http.StatusOK {
		return cannotAsk(status(resp.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPromAnswer+1))
	switch {
	case err != nil:
		return cannotAsk(failure(blame(ctx, err)).Detail)
	case len(body) > maxPromAnswer:
		return cannotAsk("its answer is too long")
	}
	targets, ok := parseAnswer(body)
	if !ok {
		return cannotAsk("what answers there is no Prometheus")
	}
	return p.judge(targets)
}

// cannotAsk is our trouble with the Prometheus, not the machine's.
func cannotAsk(why string) Result {
	if why == interrupted {
		return Result{State: Unknown, Detail: why}
	}
	return Result{State: Unknown, Detail: "cannot ask Prometheus: " + why}
}

// judge decides from the targets that an answer has.
func (p *prometheus) judge(targets promTargets) Result {
	if len(targets.series) == 0 {
		return Result{State: Unknown, Detail: "Prometheus has no such target"}
	}
	var fresh []promSeries
	youngest := time.Duration(-1)
	for _, s := range targets.series {
		if s.hasAge && s.age.Abs() <= p.stale {
			fresh = append(fresh, s)
		}
		if s.hasAge && (youngest < 0 || s.age < youngest) {
			youngest = s.age
		}
	}
	switch {
	case len(fresh) == 0 && youngest < 0:
		return Result{State: Unknown, Detail: "the age of Prometheus's last sample is not known"}
	case len(fresh) == 0:
		return Result{State: Unknown, Detail: "Prometheus's last sample is too old: " + Span(youngest)}
	case len(fresh) > 1:
		return Result{State: Unknown, Detail: fmt.Sprintf("%d targets of Prometheus match; give instance and job so that one does", len(fresh))}
	}
	switch s := fresh[0]; {
	case s.value == "1":
		return Result{State: Up, Since: targets.since(s.instance, p.deps.Clock.Now())}
	case s.value == "0" && p.custom:
		return Result{State: Down, Detail: "Prometheus reports 0"}
	case s.value == "0":
		return Result{State: Down, Detail: "Prometheus cannot reach it"}
	}
	return Result{State: Unknown, Detail: "Prometheus reports neither 0 nor 1"}
}
