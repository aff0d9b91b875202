package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// selfCommand is this program with a hidden first argument and its settings.
func selfCommand(ctx context.Context, self, as string, settings any) (*exec.Cmd, error) {
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, as)
	cmd.Stdin = bytes.NewReader(text)
	return cmd, nil
}

// callLoad runs a load in a process of its own.
func callLoad(ctx context.Context, self string, l load) (r result, err error) {
	cmd, err := selfCommand(ctx, self, asLoad, l)
	if err != nil {
		return r, err
	}
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(failed.Stderr) > 0 {
		return r, errors.New(strings.TrimPrefix(strings.TrimSpace(string(failed.Stderr)), "bench: "))
	}
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		return r, fmt.Errorf("run the load: %w", err)
	}
	return r, nil
}
