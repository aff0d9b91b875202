package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"dragoman/internal/counterpart"
)

// measure is the whole benchmark. What it is doing goes to progress, the table
// to out.
func measure(ctx context.Context, args []string, out, progress io.Writer) error {
	p, strict, err := planFrom(args)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if p.soak.length > 0 {
		return measureSoak(ctx, p.soak, self, strict, out, progress)
	}
	r := report{plan: p, cores: runtime.NumCPU()}
	if r.loadBefore, err = loadAverage(); err != nil {
		return err
	}
	for _, kind := range []string{"prosody", "ejabberd"} {
		if err := counterpart.Missing(kind); err != nil {
			r.notes = append(r.notes, err.Error())
			continue
		}
		s, err := perform(ctx, kind, self, p, progress)
		if err != nil {
			return err
		}
		r.add(s)
	}
	if len(r.rows) == 0 {
		return fmt.Errorf("there is no server to measure on: %s", strings.Join(r.notes, "; "))
	}
	if r.loadAfter, err = loadAverage(); err != nil {
		return err
	}
	fmt.Fprintln(progress, "go test -bench: memory and allocations of one message")
	found, failed := goBenchmarks(ctx, p.gobench)
	r.allocate(found)
	err = errors.Join(r.print(out), failed) // what was measured is worth showing all the same
	if n := r.missed(); err == nil && strict && n > 0 {
		err = fmt.Errorf("bars missed: %d", n)
	}
	return err
}

// measureSoak is the soak and its table.
func measureSoak(ctx context.Context, k soak, self string, strict bool, out, progress io.Writer) error {
	w, err := k.run(ctx, self, progress)
	if err != nil {
		return err
	}
	missed, err := k.print(out, w)
	if err == nil && strict && missed > 0 {
		err = fmt.Errorf("bars missed: %d", missed)
	}
	return err
}
