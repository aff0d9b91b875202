package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"dragoman/internal/clock"
)

// tickTime is the unit of /proc/PID/stat, USER_HZ, on every Linux that Go runs on.
const tickTime = 10 * time.Millisecond

// cpuTime adds utime and stime, the 14th and 15th field of proc_pid_stat(5).
// The second is the program's name in parentheses and may hold anything.
func cpuTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("cannot read %q of /proc/PID/stat", stat)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tickTime, errors.Join(err1, err2)
}

// peakMemory reads VmHWM of proc_pid_status(5), which is in KiB.
func peakMemory(status string) (float64, error) {
	_, rest, ok := strings.Cut(status, "VmHWM:")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 2 || fields[1] != "kB" {
		return 0, errors.New("there is no VmHWM in /proc/PID/status")
	}
	kib, err := strconv.ParseFloat(fields[0], 64)
	return kib * 1024, err
}

// processors is what all processors together have done since the machine
// started, in ticks.
type processors struct{ busy, all float64 }

// readProcessors reads the first line of proc_stat(5). Guest time is part of
// user time; time stolen by other virtual machines counts as busy.
func readProcessors(stat string) (p processors, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return p, fmt.Errorf("cannot read %q of /proc/stat", line)
	}
	for i, f := range fields[1:9] {
		ticks, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return p, fmt.Errorf("cannot read %q of /proc/stat: %w", line, err)
		}
		p.all += ticks
		if i != 3 && i != 4 { // neither idle nor waiting for a disk
			p.busy += ticks
		}
	}
	return p, nil
}

// restFor is how long a rest is, in which nothing of the benchmark runs.
const restFor = 200 * time.Millisecond

// busyWithOthers rests, and returns how many processors were busy all the same.
func busyWithOthers(ctx context.Context) (float64, error) {
	var at [2]processors
	for i := range at {
		if i > 0 {
			if err := clock.Sleep(ctx, clock.System{}, restFor); err != nil {
				return 0, err
			}
		}
		text, err := os.ReadFile("/proc/stat")
		if err != nil {
			return 0, fmt.Errorf("bench measures on Linux only: %w", err)
		}
		if at[i], err = readProcessors(string(text)); err != nil {
			return 0, err
		}
	}
	share := (at[1].busy - at[0].busy) / max(at[1].all-at[0].all, 1)
	return share * float64(runtime.NumCPU()), nil
}

// loadAverage is how many processes wanted a processor in the last minute.
func loadAverage() (float64, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, fmt.Errorf("bench measures on Linux only: %w", err)
	}
	first, _, _ := bytes.Cut(text, []byte(" "))
	return strconv.ParseFloat(string(first), 64)
}
