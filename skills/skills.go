// Package skills is where skills and configuration meet: THE table of the
// skills there are, and the decoding of skills.yaml.
//
// It starts nothing and connects nothing; package cmd/dragoman does.
package skills

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/skills/internal/strictyaml"
	"dragoman/skills/ping"
	"dragoman/skills/status"
	"dragoman/skills/status/check"
	"dragoman/skills/teach"
	"dragoman/store"
)

// Env is what skills are built with.
type Env struct {
	DB     *store.DB
	Notify bot.Notifier
	Clock  clock.Clock
	Log    *slog.Logger
	// XMPP lets checks ask over the bot's own connection; nil when it has
	// none.
	XMPP check.Prober
	// Pupil is the bot that the skill teach teaches.
	Pupil teach.Pupil
	// Misses says whether people may be asked for what was not understood.
	Misses bool
}

// Build makes one skill whose configuration has been decoded.
type Build func(ctx context.Context, env Env) (bot.Skill, error)

// table is THE table: a new skill is one more line, in the order of help.
var table = []struct {
	name   string
	decode func(strictyaml.Section) (Build, error)
}{
	{"status", decodeStatus},
	{"teach", decodeTeach},
	{"ping", plain(func() bot.Skill { return ping.Skill{} })},
}

// Names are the skills there are.
func Names() []string {
	var names []string
	for _, e := range table {
		names = append(names, e.name)
	}
	return names
}

// plain is the decoding of a skill that has nothing to configure.
func plain(make func() bot.Skill) func(strictyaml.Section) (Build, error) {
	return func(s strictyaml.Section) (Build, error) {
		return func(context.Context, Env) (bot.Skill, error) { return make(), nil }, s.Decode(&struct{}{})
	}
}

func decodeStatus(s strictyaml.Section) (Build, error) {
	cfg := status.Defaults()
	if err := s.Decode(&cfg); err != nil {
		return nil, err
	}
	return func(ctx context.Context, env Env) (bot.Skill, error) {
		return status.New(ctx, cfg, status.Deps{
			DB: env.DB, Notify: env.Notify, Clock: env.Clock, Log: env.Log,
			Check: check.Deps{Clock: env.Clock, XMPP: env.XMPP},
		})
	}, nil
}

func decodeTeach(s strictyaml.Section) (Build, error) {
	return func(ctx context.Context, env Env) (bot.Skill, error) {
		return teach.New(ctx, teach.Deps{DB: env.DB, Clock: env.Clock, Log: env.Log, Pupil: env.Pupil, Keep: env.Misses})
	}, s.Decode(&struct{}{})
}

// builds decodes the configuration of every skill that is to run, in the order
// of the table. All problems with the file are in its error.
func builds(parts map[string]Skill) ([]Build, error) {
	var list []Build
	var problems strictyaml.Problems
	for _, e := range table {
		part, ok := parts[e.name]
		if !ok || !part.runs() {
			continue
		}
		build, err := e.decode(part.Config)
		if more := problemsOf(err); more != nil {
			problems = append(problems, more...)
		} else if err != nil {
			return nil, fmt.Errorf("skill %s: %w", e.name, err)
		}
		list = append(list, build)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return list, nil
}

// unknownSkill is the error for a name that is not in the table.
func unknownSkill(name string) error {
	if near, ok := strictyaml.Nearest(name, Names()); ok {
		return fmt.Errorf("there is no such skill; did you mean %q?", near)
	}
	return fmt.Errorf("there is no such skill; there are %s", strings.Join(slices.Sorted(slices.Values(Names())), ", "))
}
