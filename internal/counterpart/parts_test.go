package counterpart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestChildrenDieWithAParentThatIsKilled(t *testing.T) {
	Need(t, "prosody")
	if dir := os.Getenv("COUNTERPART_PARENT_DIR"); dir != "" {
		s, err := StartProsody(t.Context(), Options{Dir: dir})
		fmt.Println("child", s.PID(), err)
		select {} // until the test that started this process kills it
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "COUNTERPART_PARENT_DIR="+dir)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	var pid int
	if _, err := fmt.Fscanf(out, "child %d", &pid); err != nil || pid == 0 {
		t.Fatalf("the parent didn't start its server: %v", err)
	}
	if len(processesIn(dir)) == 0 {
		t.Fatal("the test doesn't find the server's process")
	}
	check(t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	check(t, retry(ctx, func() (bool, error) {
		if left := processesIn(dir); len(left) > 0 {
			return true, fmt.Errorf("still there: %v", left)
		}
		return false, nil
	}))
}

func TestInboxKeepsWhatWasNotAskedFor(t *testing.T) {
	b := newInbox[Msg]()
	for _, text := range []string{"one", "two", "three", "two"} {
		b.put(Msg{Kind: "message", Body: text})
	}
	body := func(text string) func(Msg) bool { return func(m Msg) bool { return m.Body == text } }
	for _, text := range []string{"two", "one", "two"} {
		if _, err := b.expect(t.Context(), body(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := b.expect(ctx, body("two"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `"three"`) {
		t.Errorf("the error doesn't name what came instead: %v", err)
	}
	if got := b.take(body("three")); len(got) != 1 || len(b.items) != 0 {
		t.Errorf("took %v, left %v", got, b.items)
	}
	why := errors.New("the line is dead")
	b.close(why)
	if _, err := b.expect(t.Context(), body("two")); !errors.Is(err, why) {
		t.Errorf("after the end: %v", err)
	}
}

func TestInboxIsBounded(t *testing.T) {
	b := newInbox[Msg]()
	for i := range inboxLimit + 3 {
		b.put(Msg{ID: fmt.Sprint(i)})
	}
	b.close(errors.New("end"))
	if len(b.items) != inboxLimit || b.items[0].ID != "3" {
		t.Errorf("%d kept, the first is %s", len(b.items), b.items[0].ID)
	}
	if _, err := b.expect(t.Context(), func(Msg) bool { return false }); !strings.Contains(err.Error(), "3 dropped") {
		t.Errorf("the loss is not told: %.200v", err)
	}
}

func TestMissingNamesTheCure(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := Missing("prosody")
	if err == nil || !strings.Contains(err.Error(), "apt-get install prosody") || !strings.Contains(err.Error(), "scripts/install.sh") {
		t.Errorf("no prosody in the path: %v", err)
	}
	if err := Missing("icq"); err == nil {
		t.Error("an unknown kind is installed")
	}
	if _, err := StartProsody(t.Context(), Options{}); err == nil {
		t.Error("a server starts without its program")
	}
}

// fakeTB records what a helper does to its test.
type fakeTB struct {
	failed, skipped string
	cleanups        []func()
}

type endOfTest struct{}

func (*fakeTB) Helper()                     {}
func (f *fakeTB) Cleanup(c func())          { f.cleanups = append(f.cleanups, c) }
func (*fakeTB) Logf(string, ...any)         {}
func (f *fakeTB) Failed() bool              { return f.failed != "" }
func (f *fakeTB) Fatalf(s string, a ...any) { f.failed = fmt.Sprintf(s, a...); panic(endOfTest{}) }
func (f *fakeTB) Skipf(s string, a ...any)  { f.skipped = fmt.Sprintf(s, a...); panic(endOfTest{}) }

func TestMissingSoftwareFailsInCIAndSkipsElsewhere(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, ci := range []string{"true", ""} {
		t.Setenv("CI", ci)
		tb := &fakeTB{}
		func() {
			defer func() { _ = recover() }()
			Prosody(tb, Options{})
		}()
		if (tb.failed != "") != (ci == "true") || (tb.skipped != "") != (ci == "") {
			t.Errorf("CI=%q: failed %q, skipped %q", ci, tb.failed, tb.skipped)
		}
	}
}

func TestNamesAndStringsSurviveProsodysFormats(t *testing.T) {
	if got := prosodyName("john.doe+ä"); got != "john%2edoe%2b%c3%a4" {
		t.Errorf("file name %s", got)
	}
	if got := luaString("a\"b\\c\nd\x00e"); got != `"a\"b\\c\010d\000e"` {
		t.Errorf("Lua string %s", got)
	}
	if got := yamlString(`a"b\<c>`); got != `"a\"b\\<c>"` {
		t.Errorf("YAML string %s", got)
	}
}

func TestReservedPortsAreDistinctAndBelowTheEphemeralRange(t *testing.T) {
	seen := map[string]bool{}
	for range 10 {
		r, err := reserve(50)
		check(t, err)
		defer r.release()
		for _, a := range r.addrs {
			var port int
			if _, err := fmt.Sscanf(a, "127.0.0.1:%d", &port); err != nil || port < firstPort || port > lastPort || seen[a] {
				t.Errorf("address %s", a)
			}
			seen[a] = true
		}
	}
	if len(seen) != 500 {
		t.Errorf("%d addresses, want 500", len(seen))
	}
}

func TestAChildThatIgnoresTheSignalIsKilled(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done")
	out, err := cmd.StdoutPipe()
	check(t, err)
	p, err := startProcess(cmd, nil, syscall.SIGKILL)
	check(t, err)
	if _, err := fmt.Fscanln(out, new(string)); err != nil {
		t.Fatal(err)
	}
	p.patience = 100 * time.Millisecond
	if err := p.stop(syscall.SIGTERM); err == nil || p.alive() {
		t.Errorf("alive %v, %v", p.alive(), err)
	}
}
