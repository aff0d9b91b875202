package scheduler

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"dragoman/internal/clock"
)

// MinPlanInterval is the shortest interval of a Plan: each of its ticks is a few
// transactions. For more there is Scheduler.
const MinPlanInterval = time.Second

// Plan is work that comes again and again.
type Plan struct {
	// Name is the key of the plan, shared with those of At: say whose it is
	// ("events/digest").
	Name string
	// Spec is what Parse reads, in Zone (nil means UTC) if it names no zone
	// itself. A calendar keeps its zone by its IANA name, so time.Local and
	// zones made up with time.FixedZone are refused. An interval is counted
	// from tick to tick, also while nothing runs, and is at least
	// MinPlanInterval.
	Spec string
	Zone *time.Location
	// CatchUp is what becomes of missed ticks.
	CatchUp CatchUp
	// Kind is that of the job in the queue which each tick becomes. Its
	// arguments are a Tick around Args, which encoding/json must take.
	Kind string
	Args any
}

// At is work that comes once.
type At struct {
	// Name is the key of the plan, shared with those of Plan: say whose it is
	// and what it belongs to ("events/17/reminder").
	Name string
	// When is the instant or, if Zone is set, the date and time on the clocks
	// there, whatever the zone of When is; Resolve says which instant that is
	// on the nights on which clocks change. Milliseconds are kept.
	When time.Time
	Zone *time.Location
	// CatchUp says whether the work is done if it was missed.
	CatchUp CatchUp
	// Kind and Args are as in Plan.
	Kind string
	Args any
}

// Tick is what the worker of a planned job is given: the T of its queue.Handle
// is a Tick[A], where A is the type of the plan's Args.
type Tick[A any] struct {
	Plan string    `json:"plan"` // the name
	Due  time.Time `json:"due"`  // when it was to happen, in UTC; see Late
	Args A         `json:"args"`
}

// pending is the next tick of a plan, as it waits in the queue. It holds all of
// the plan, so that nobody needs to register it again.
type pending struct {
	Due time.Time `json:"due"`
	// Spec is a Schedule's own text, zone included; empty for an At.
	Spec string `json:"spec,omitempty"`
	// Local and Zone are what an At with a zone was asked for: Due alone
	// would not tell after the rules of the zone have changed.
	Local   string          `json:"local,omitempty"`
	Zone    string          `json:"zone,omitempty"`
	CatchUp CatchUp         `json:"catch_up"`
	Kind    string          `json:"kind"`
	Args    json.RawMessage `json:"args"`
}

const localLayout = "2006-01-02T15:04:05.999"

// pending is the plan without a time yet, and its series.
func (p Plan) pending() (pending, Schedule, error) {
	next, err := newPending(p.Name, p.CatchUp, p.Kind, p.Args)
	if err != nil {
		return pending{}, nil, err
	}
	series, err := Parse(p.Spec, p.Zone)
	if err != nil {
		return pending{}, nil, planError(p.Name, err)
	}
	switch s := series.(type) {
	case every:
		if time.Duration(s) < MinPlanInterval {
			return pending{}, nil, planError(p.Name, fmt.Errorf("%v is too short: the least is %v", s, MinPlanInterval))
		}
		next.Spec = s.String()
	case *calendar:
		if _, err := byName(s.loc); err != nil {
			return pending{}, nil, planError(p.Name, err)
		}
		next.Spec = s.String()
	}
	// What is kept is what counts, from now on as after a restart.
	series, err = next.series()
	return next, series, err
}

func (a At) pending() (pending, error) {
	next, err := newPending(a.Name, a.CatchUp, a.Kind, a.Args)
	if err != nil {
		return pending{}, err
	}
	err = next.setTime(a.When, a.Zone)
	if err != nil {
		return pending{}, planError(a.Name, err)
	}
	return next, nil
}

func newPending(name string, catchUp CatchUp, kind string, args any) (pending, error) {
	switch {
	case name == "":
		return pending{}, errors.New("scheduler: a plan has no name")
	case strings.HasSuffix(name, aside):
		return pending{}, planError(name, fmt.Errorf("a name cannot end in %q", aside))
	case kind == "" || kind == tickKind:
		return pending{}, planError(name, fmt.Errorf("a job cannot be of kind %q", kind))
	case catchUp < 0:
		return pending{}, planError(name, fmt.Errorf("its catch-up is negative (%v)", time.Duration(catchUp)))
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return pending{}, planError(name, fmt.Errorf("its arguments: %w", err))
	}
	return pending{CatchUp: catchUp, Kind: kind, Args: raw}, nil
}

// setTime makes when, in zone as At has it, the time of a one-off.
func (n *pending) setTime(when time.Time, zone *time.Location) error {
	n.Local, n.Zone = "", ""
	if when.IsZero() {
		return errors.New("it has no time")
	}
	if zone != nil {
		zone, err := byName(zone)
		if err != nil {
			return err
		}
		n.Local, n.Zone = when.Format(localLayout), zone.String()
		when = clock.Resolve(when, zone)
	}
	n.setDue(when)
	return nil
}

// setDue keeps what the queue keeps, so that the two never differ.
func (n *pending) setDue(t time.Time) { n.Due = t.UTC().Truncate(time.Millisecond) }

// removed: it stands for nothing, see aside.
func (n *pending) removed() bool { return n.Kind == "" }

// series is nil for a one-off.
func (n *pending) series() (Schedule, error) {
	if n.Spec == "" {
		return nil, nil
	}
	return Parse(n.Spec, nil)
}

// byName is the zone that another process understands by loc's name.
func byName(loc *time.Location) (*time.Location, error) {
	name := loc.String()
	if name == "Local" {
		return nil, errors.New(`"Local" is another time zone on another machine: name one, such as Europe/Berlin`)
	}
	return loadZone(name)
}

func planError(name string, err error) error {
	return fmt.Errorf("scheduler: plan %q: %w", abridge(name), err)
}
