package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestOneOwnsTheFileAtATime(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	first := database{url: url}.open(t)
	var log lockedBuffer
	second := openURL(t, url, slog.New(slog.NewTextHandler(&log, nil)))
	once, err := first.Own(t.Context())
	check(t, err)
	again, err := first.Own(t.Context()) // the same process, the same DB
	check(t, err)
	once()
	once() // counts once
	ctx, cancel := context.WithTimeout(t.Context(), 3*ownPoll)
	defer cancel()
	if _, err := second.Own(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d since 20", os.Getpid())) {
		t.Errorf("a second owner: %v", err)
	}
	if n := strings.Count(log.String(), "waiting for the process"); n != 1 {
		t.Errorf("the wait was logged %d times:\n%s", n, &log)
	}
	owned := make(chan error, 1)
	go func() {
		release, err := second.Own(t.Context())
		if err == nil {
			release()
		}
		owned <- err
	}()
	again()
	check(t, <-owned)
	release, err := first.Own(t.Context()) // a lock that was released can be had again
	check(t, err)
	release()
}

func TestAllNamesOfAFileShareOneLock(t *testing.T) {
	folder := t.TempDir()
	release, err := database{url: "sqlite:" + filepath.Join(folder, "x.db")}.open(t).Own(t.Context())
	check(t, err)
	defer release()
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(filepath.Join(folder, "x.db"), link))
	ctx, cancel := context.WithTimeout(t.Context(), ownPoll)
	defer cancel()
	if _, err := (database{url: "sqlite:" + link}).open(t).Own(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoFileHasNoOwner(t *testing.T) {
	db := database{url: "sqlite::memory:"}.open(t)
	for range 2 {
		release, err := db.Own(t.Context())
		check(t, err)
		defer release()
	}
}

const ownChild = "DRAGOMAN_TEST_OWN"

// Whatever ends the owner, its lock ends with it.
func TestAKilledOwnerOwnsNothing(t *testing.T) {
	if url := os.Getenv(ownChild); url != "" {
		_, err := database{url: url}.open(t).Own(t.Context())
		check(t, err)
		fmt.Println("it is mine")
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or its parent ended
		return
	}
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), ownChild+"="+url)
	in, err := child.StdinPipe()
	check(t, err)
	defer in.Close()
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "it is mine\n" {
		t.Fatalf("the child says %q (%v)", line, err)
	}
	db := database{url: url}.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), ownPoll)
	defer cancel()
	if _, err := db.Own(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", child.Process.Pid)) {
		t.Errorf("while the child lives: %v", err)
	}
	check(t, child.Process.Kill())
	killed := time.Now()
	release, err := db.Own(t.Context())
	check(t, err)
	release()
	if took := time.Since(killed); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	_ = child.Wait()
}

func TestStillOwned(t *testing.T) {
	another := func(path string) error {
		return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
	}
	for name, test := range map[string]struct {
		change func(path string) error
		gone   string
	}{
		"nothing happens":       {func(string) error { return nil }, ""},
		"somebody writes to it": {func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(0, 0)) }, ""},
		"the file is removed":   {os.Remove, "x.db"},
		"the file is replaced":  {another, "x.db"},
		"the lock is removed":   {func(path string) error { return os.Remove(path + ".lock") }, "x.db.lock"},
		"the lock is replaced":  {func(path string) error { return another(path + ".lock") }, "x.db.lock"},
		"the folder is moved":   {func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }, "x.db"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot", "x.db")
			check(t, os.Mkdir(filepath.Dir(path), 0o700))
			db := database{url: "sqlite:" + path}.open(t)
			check(t, db.StillOwned(t.Context())) // nobody has asked for the lock
			release, err := db.Own(t.Context())
			check(t, err)
			defer release()
			check(t, test.change(path))
			err = db.StillOwned(t.Context())
			if gone := test.gone; gone == "" && err != nil ||
				gone != "" && (!errors.Is(err, ErrReplaced) || !strings.Contains(err.Error(), gone+`" was removed`)) {
				t.Errorf("got %v", err)
			}
		})
	}
	check(t, database{url: "sqlite::memory:"}.open(t).StillOwned(t.Context()))
}

// What was read of the file before no longer holds.
func TestAFileReplacedWhileSomebodyWaitsIsNotOwned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	first, second := database{url: "sqlite:" + path}.open(t), database{url: "sqlite:" + path}.open(t)
	release, err := first.Own(t.Context())
	check(t, err)
	owned := make(chan error, 1)
	go func() {
		_, err := second.Own(t.Context())
		owned <- err
	}()
	check(t, os.Rename(path, path+".old"))
	check(t, os.WriteFile(path, nil, 0o600))
	release()
	if err := <-owned; !errors.Is(err, ErrReplaced) {
		t.Errorf("got %v", err)
	}
	check(t, os.Rename(path+".old", path))
	release, err = second.Own(t.Context()) // and nothing of the attempt is left
	check(t, err)
	release()
}
