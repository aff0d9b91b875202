package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// allocation is what a Go benchmark found for one message.
type allocation struct{ name, bytes, allocs string }

// goBenchmarks runs the benchmarks of one message through the core and through
// the XMPP transport, which know best what a message is to them.
func goBenchmarks(ctx context.Context, benchtime string) ([]allocation, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(Deliver|Message)$", "-benchmem",
		"-benchtime", benchtime, "dragoman/bot", "dragoman/bot/xmpp")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	return allocations(string(out)), err
}

// benchLine is a line of go test -benchmem: name-GOMAXPROCS, iterations, then
// pairs of value and unit.
var benchLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s.*?(\d+) B/op\s+(\d+) allocs/op$`)

func allocations(out string) []allocation {
	var found []allocation
	pkg := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if p, ok := strings.CutPrefix(line, "pkg: dragoman/"); ok {
			pkg = p
		}
		if m := benchLine.FindStringSubmatch(line); m != nil {
			name, variant, _ := strings.Cut(m[1], "/")
			name = pkg + " " + name
			if variant != "" {
				name += ", " + strings.ReplaceAll(variant, "_", " ")
			}
			found = append(found, allocation{name, m[2], m[3]})
		}
	}
	return found
}
