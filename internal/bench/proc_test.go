package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestProcessorTimeOfAProcess(t *testing.T) {
	const ok = "123 (dragoman) S 1 1 1 0 -1 4194560 2000 0 5 0 150 50 0 0 20 0 9 0 100 200 300"
	for name, test := range map[string]struct {
		stat string
		want time.Duration
		bad  bool
	}{
		"user and system":           {stat: ok, want: 2 * time.Second},
		"a name with a parenthesis": {stat: strings.Replace(ok, "(dragoman)", "(a) b (c 9)", 1), want: 2 * time.Second},
		"cut off":                   {stat: "123 (dragoman) S 1", bad: true},
		"empty":                     {stat: "", bad: true},
		"not a number":              {stat: strings.Replace(ok, " 150 ", " x ", 1), bad: true},
	} {
		got, err := cpuTime(test.stat)
		if (err != nil) != test.bad || !test.bad && got != test.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestPeakMemoryOfAProcess(t *testing.T) {
	for name, test := range map[string]struct {
		status string
		want   float64
		bad    bool
	}{
		"in KiB":       {status: "VmPeak:\t9 kB\nVmHWM:\t   1000 kB\nVmRSS:\t 500 kB\n", want: 1024000},
		"not there":    {status: "Name:\tx\n", bad: true},
		"cut off":      {status: "VmHWM:", bad: true},
		"another unit": {status: "VmHWM:\t1 MB\n", bad: true},
	} {
		got, err := peakMemory(test.status)
		if (err != nil) != test.bad || !test.bad && got != test.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestProcessorsOfTheMachine(t *testing.T) {
	for name, test := range map[string]struct {
		stat string
		want processors
		bad  bool
	}{
		"all kinds of time": {stat: "cpu  1 2 3 100 50 4 5 6 1 0\ncpu0 9 9 9 9 9 9 9 9 9 9\n", want: processors{21, 171}},
		"of one processor":  {stat: "cpu0 1 2 3 100 50 4 5 6 0 0\n", bad: true},
		"cut off":           {stat: "cpu  1 2", bad: true},
		"not a number":      {stat: "cpu  1 2 3 100 x 4 5 6 0 0", bad: true},
	} {
		got, err := readProcessors(test.stat)
		if (err != nil) != test.bad || !test.bad && got != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAChildIsMeasuredAndEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has the files of /proc that are read")
	}
	c, err := startChild(exec.Command("sleep", "60"), filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.cpu(); err != nil {
		t.Error(err)
	}
	if peak, err := c.peak(); err != nil || peak < 1000 {
		t.Errorf("peak memory %v, %v", peak, err)
	}
	if err := c.stop(); err != nil {
		t.Error(err)
	}
	if _, err := c.cpu(); err == nil {
		t.Error("a child that was ended is still there")
	}
}

func TestAChildThatEndedByItselfIsAnErrorWithItsLog(t *testing.T) {
	c, err := startChild(exec.Command("sh", "-c", "echo broken >&2; exit 3"), filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if err := c.stop(); err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("stop returns %v", err)
	}
}

func TestSettingsThatCannotBeReadAreAnError(t *testing.T) {
	for _, as := range []string{asEcho, asLoad} {
		if err := run(t.Context(), []string{as}, strings.NewReader("{"), io.Discard, io.Discard); err == nil {
			t.Errorf("%s starts without settings", as)
		}
	}
}

func TestFlags(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	full, _, err := planFrom([]string{"-bot", self})
	if err != nil || full.rounds < 5 {
		t.Errorf("the full plan is %+v, %v", full, err)
	}
	quick, strict, err := planFrom([]string{"-bot", self, "-quick", "-strict"})
	if err != nil || !strict || quick.rounds < 5 || quick.busy >= full.busy {
		t.Errorf("the quick plan is %+v, %v, %v", quick, strict, err)
	}
	if _, _, err := planFrom([]string{"-bot", "/nonexistent/dragoman"}); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("without a bot: %v", err)
	}
	if err := run(t.Context(), []string{"-bot", self, "prosody"}, nil, new(bytes.Buffer), io.Discard); err == nil {
		t.Error("a stray argument is taken")
	}
}
