// Package status is the skill that knows how machines are: it watches them by
// package check, answers get-status from memory, and tells subscribers when
// one goes down, comes back or can no longer be seen.
//
// Machines come from skills.yaml or are added in chat. What was added, who
// subscribed and the last known states survive a restart.
//
// It keeps no history, and a notice is handed to the transport once: making it
// survive a crash in between is the outbox's business.
package status

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/scheduler"
	"dragoman/skills/internal/strictyaml"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// Config is the skill's part of skills.yaml.
type Config struct {
	// Interval is the time between two checks of a machine.
	Interval time.Duration `yaml:"interval"`
	// Timeout ends one check of a machine that names no own.
	Timeout time.Duration `yaml:"timeout"`
	// Failures is how many checks in a row must say so before a machine
	// counts as down or unknown. One success brings it back.
	Failures int `yaml:"failures"`
	// Machines are those that the file declares; they cannot be removed in
	// chat.
	Machines []Machine `yaml:"machines"`
}

// Defaults are the settings of a file that says nothing.
func Defaults() Config {
	return Config{Interval: 15 * time.Second, Timeout: 5 * time.Second, Failures: 2}
}

// Validate checks what the types alone don't.
func (c *Config) Validate() error {
	switch {
	case c.Interval < time.Second:
		return errors.New("interval must be at least 1s")
	case c.Timeout <= 0 || c.Timeout > time.Minute:
		return errors.New("timeout must be between 1ms and 1m")
	case c.Failures < 1:
		return errors.New("failures must be at least 1")
	}
	for i, m := range c.Machines {
		if _, err := check.New(m.Spec, check.Deps{XMPP: noXMPP{}}); err != nil {
			return strictyaml.Key(fmt.Sprintf("machines[%d]", i), err)
		}
		if _, err := tidyName(m.Name); err != nil {
			return strictyaml.Key(fmt.Sprintf("machines[%d].name", i), err)
		}
	}
	return nil
}

// noXMPP lets a configuration be checked before there is a connection.
type noXMPP struct{ check.Prober }

// Machine is one thing to watch.
type Machine struct {
	// Name is what people call it, unique without regard to case.
	Name string `yaml:"name" required:"true"`
	// Spec says how to find out how it is.
	check.Spec
}

// maxName bounds a machine's name, in runes.
const maxName = 64

// tidyName is the name in its stored form.
func tidyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		return "", bot.Refuse("A machine needs a name of 1 to %d ordinary characters.", maxName)
	}
	return name, nil
}

// Deps are what the skill works with.
type Deps struct {
	DB     *store.DB
	Notify bot.Notifier
	Clock  clock.Clock
	Log    *slog.Logger
	// Check is handed on to the checks.
	Check check.Deps
	// Workers bounds how many checks run at once; zero means 64.
	Workers int
}

// Skill implements bot.Skill and bot.Runner.
type Skill struct {
	cfg   Config
	deps  Deps
	log   *slog.Logger
	store *machineStore
	watch *watch
	sched *scheduler.Scheduler
}

// New prepares the tables and loads what was known before. A machine of the
// file that cannot be checked is an error; one that was added in chat and no
// longer can is logged and left out.
func New(ctx context.Context, cfg Config, deps Deps) (*Skill, error) {
	if deps.Workers == 0 {
		deps.Workers = 64
	}
	s := &Skill{cfg: cfg, deps: deps, log: deps.Log.With("skill", "status"), store: &machineStore{deps.DB}}
	s.sched = scheduler.New(deps.Clock, s.log, deps.Workers)
	s.watch = newWatch(s)
	if err := s.store.migrate(ctx); err != nil {
		return nil, err
	}
	states, err := s.store.states(ctx)
	if err != nil {
		return nil, err
	}
	for i, m := range cfg.Machines {
		m.Name, err = tidyName(m.Name)
		if err == nil {
			err = s.watch.add(m, true, states[key(m.Name)])
		}
		if err != nil {
			return nil, fmt.Errorf("machines[%d]: %w", i, err)
		}
	}
	added, err := s.store.machines(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range added {
		if err := s.watch.add(m, false, states[key(m.Name)]); err != nil {
			s.log.Error("machine that was added in chat is left out", "machine", m.Name, "err", err)
		}
	}
	return s, nil
}

// Name is the key in skills.yaml.
func (*Skill) Name() string { return "status" }

// Run checks the machines and tells subscribers until ctx ends.
func (s *Skill) Run(ctx context.Context) error {
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.watch.announce(ctx)
	}()
	err := s.sched.Run(ctx)
	<-told
	return err
}

// key is the form of a name under which it is unique.
func key(name string) string { return strings.ToLower(name) }
