// Package check finds out what state a machine is in: one Check asks one
// machine once, by the means that its Spec names.
//
// Three rules hold for every kind. What was not learned is Unknown, never Up:
// an empty answer, an old sample, a second machine that answers to the same
// description. What failed on this side is Unknown too, never Down: no route,
// no permission, no name server, no connection of our own. And no check runs
// longer than its context or its timeout, or reads more than a fixed size.
//
// The package keeps no schedule, no history and no count of failures, and tells
// nobody anything: the status skill does. It sends no credentials anywhere but
// to the target they are written for, and shows them to nobody.
package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"dragoman/internal/clock"
	"dragoman/skills/internal/strictyaml"
)

// State is what a machine was found to be. More may follow, so treat a State
// that you don't know like Unknown.
type State uint8

// The states. Unknown is the zero State: nothing was learned.
const (
	Unknown State = iota
	Up
	Down
)

// String is "unknown", "up" or "down".
func (s State) String() string {
	switch s {
	case Up:
		return "up"
	case Down:
		return "down"
	default:
		return "unknown"
	}
}

// Result is what one run of a check found.
type Result struct {
	State State
	// Since is when the machine was started, where the check can know it, and
	// zero elsewhere. It may differ by a second or two from run to run.
	Since time.Time
	// Latency is how long the answer, or its absence, took.
	Latency time.Duration
	// Detail says why, for people: "connection refused", "HTTP 200 OK". It
	// may be empty for Up, and holds no credentials and no text that the
	// machine chose.
	Detail string
	// At is when the check ended.
	At time.Time
}

// Check asks about one machine.
type Check interface {
	// Check asks now and returns when it knows, when its timeout is over or
	// when ctx ends; a ctx that was cancelled gives Unknown. It may be called
	// from several goroutines.
	Check(ctx context.Context) Result
}

// Spec describes a check in the words of skills.yaml.
type Spec struct {
	// Kind is one of the names that Kinds lists.
	Kind string `yaml:"check"`
	// Target is what the kind asks: host:port, a URL, a host, a JID.
	Target string `yaml:"target"`
	// Timeout is how long an answer may take; zero means DefaultTimeout.
	Timeout time.Duration `yaml:"timeout"`

	// Instance and Job pick one target of a Prometheus by its labels. Query,
	// instead of them, is a selector of another series that is 1 for up and 0
	// for down, such as probe_success{instance="web1"}.
	Instance string `yaml:"instance"`
	Job      string `yaml:"job"`
	Query    string `yaml:"query"`
	// Stale is the age from which a sample of a Prometheus says nothing any
	// more: at least twice its scrape interval. Zero means DefaultStale.
	Stale time.Duration `yaml:"stale"`
}

// What a Spec has where it says nothing.
const (
	DefaultTimeout = 10 * time.Second
	DefaultStale   = time.Minute
)

// Deps are what checks work with. The zero Deps is the machine itself with
// everything but XMPP.
type Deps struct {
	// Clock is the time; nil means the system's. Waiting for sockets is in
	// real time all the same.
	Clock clock.Clock
	// Dialer opens connections and, with its Resolver, looks up names. Its
	// Control hook can refuse addresses; it is asked for tcp, http, redirects
	// and prometheus, not for icmp.
	Dialer *net.Dialer
	// TLS holds the trusted roots, if not the system's.
	TLS *tls.Config
	// XMPP asks over the program's own connection; nil when it has none, and
	// then New refuses xmpp-ping and xmpp-last.
	XMPP Prober
}

// probe is the part of a check that differs from kind to kind. It fills in
// State, Since and Detail, and a Latency if it can measure better than by its
// own duration.
type probe func(ctx context.Context) Result

// New makes a check. Its errors are for the person who wrote the Spec and hold
// no credentials.
func New(spec Spec, d Deps) (Check, error) {
	if d.Clock == nil {
		d.Clock = clock.System{}
	}
	if d.Dialer == nil {
		d.Dialer = newDialer()
	}
	k, err := kindNamed(spec.Kind)
	if err != nil {
		return nil, err
	}
	if spec.Timeout < 0 || spec.Stale < 0 {
		return nil, errors.New("a timeout and the age of a stale sample cannot be negative")
	}
	if spec.Timeout == 0 {
		spec.Timeout = DefaultTimeout
	}
	if k.Name != "prometheus" && (spec.Instance != "" || spec.Job != "" || spec.Query != "" || spec.Stale != 0) {
		return nil, fmt.Errorf("instance, job, query and stale are for prometheus, not for %s", k.Name)
	}
	p, err := k.build(spec, d)
	if err != nil {
		return nil, err
	}
	return &check{probe: p, timeout: spec.Timeout, clock: d.Clock}, nil
}

// check is a probe with the limits and measures that all kinds share.
type check struct {
	probe   probe
	timeout time.Duration
	clock   clock.Clock
}

func (c *check) Check(ctx context.Context) Result {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := c.clock.Now()
	r := c.probe(ctx)
	r.At = c.clock.Now()
	if r.Latency == 0 {
		r.Latency = r.At.Sub(start)
	}
	if r.State == Down && errors.Is(ctx.Err(), context.Canceled) {
		// Whatever broke off, it was us who broke it.
		r = Result{State: Unknown, Latency: r.Latency, At: r.At, Detail: interrupted}
	}
	return r
}

// Kind is one way to find out a machine's state.
type Kind struct {
	Name   string // as in Spec.Kind
	Target string // what its target looks like; "" when it takes none
	Help   string // one line that says what it does
}

type kind struct {
	Kind
	build func(Spec, Deps) (probe, error)
}

func kinds() []kind {
	return []kind{
		{Kind{"local", "", "the machine that this program runs on, and since when it runs"}, newLocal},
		{Kind{"tcp", "127.0.0.1:22", "up when the port accepts a connection"}, newTCP},
		{Kind{"http", "https://example.org/health", "up when a GET is answered with a status from 200 to 399"}, newHTTP},
		{Kind{"icmp", "192.0.2.1", "up when it answers a ping"}, newICMP},
		{Kind{"xmpp-ping", "chat.example.org", "up when the address answers an XMPP ping"}, newXMPPPing},
		{Kind{"xmpp-last", "chat.example.org", "a server's uptime, or a person's presence, by XMPP last activity"}, newXMPPLast},
		{Kind{"prometheus", "http://127.0.0.1:9090/?instance=web1:9100", "what a Prometheus knows of one of its targets"}, newPrometheus},
	}
}

// Kinds lists what New can make, in the order in which help should show it.
func Kinds() []Kind {
	var list []Kind
	for _, k := range kinds() {
		list = append(list, k.Kind)
	}
	return list
}

func kindNamed(name string) (kind, error) {
	var names []string
	for _, k := range kinds() {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	if name == "" {
		return kind{}, errors.New("a check is needed: one of " + strings.Join(names, ", "))
	}
	if near, ok := strictyaml.Nearest(name, append(names, "https")); ok {
		if near == "https" {
			near = "http" // one kind for both, the URL says which
		}
		return kind{}, fmt.Errorf("there is no check %s; did you mean %q?", quoted(name), near)
	}
	return kind{}, fmt.Errorf("there is no check %s; there are %s", quoted(name), strings.Join(names, ", "))
}

// quoted repeats a word of the person's, but not one that may be a URL with a
// password, put in the wrong place.
func quoted(word string) string {
	if len(word) > 40 || strings.ContainsAny(word, ":@/") {
		return "of that name"
	}
	return strconv.Quote(word)
}
