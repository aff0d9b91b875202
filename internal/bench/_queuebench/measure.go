package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"dragoman/internal/bench/queuebench/gauge"
)

// asGauge is the hidden first argument that makes this program measure one task.
const asGauge = "gauge"

// programs measure, each in processes of their own.
type programs struct {
	self  string // this program
	river string
	dir   string // that river is in
}

// buildRiver builds the program that measures River, from the folder that this
// is run in.
func buildRiver(ctx context.Context) (p programs, err error) {
	if p.self, err = os.Executable(); err != nil {
		return p, err
	}
	if p.dir, err = os.MkdirTemp("", "dragoman-queuebench-"); err != nil {
		return p, err
	}
	p.river = filepath.Join(p.dir, "river")
	cmd := exec.CommandContext(ctx, "go", "build", "-C", "river", "-o", p.river, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return p, errors.Join(fmt.Errorf("build what measures River, in internal/bench/_queuebench: %w\n%s", err, out), p.remove())
	}
	return p, nil
}

func (p programs) remove() error { return os.RemoveAll(p.dir) }

// endLimit is how long a program may take to end by itself.
const endLimit = 10 * time.Second

// measure has one task done.
func (p programs) measure(ctx context.Context, t gauge.Task) ([]float64, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, p.self, asGauge)
	if t.Contestant == river {
		cmd = exec.CommandContext(ctx, p.river)
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endLimit
	var out, failure bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &out, &failure
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s of %s: %w: %s", t.Figure, t.Contestant, err, bytes.TrimSpace(failure.Bytes()))
	}
	var values []float64
	if err := json.Unmarshal(out.Bytes(), &values); err != nil {
		return nil, fmt.Errorf("%s of %s: read the values: %w", t.Figure, t.Contestant, err)
	}
	return values, nil
}
