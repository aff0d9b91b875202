package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The child makes a disk of 64 KB of its own where it may, and else lets no file
// grow beyond that, which SQLite takes for a broken disk.
const (
	backupChild    = "DRAGOMAN_TEST_BACKUP_TO"
	backupMayMount = "DRAGOMAN_TEST_MAY_MOUNT"
)

func TestABackupToAFullDiskLeavesNothing(t *testing.T) {
	if folder := os.Getenv(backupChild); folder != "" {
		backupToFullDisk(t, folder)
		return
	}
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.withNotes(t)
	check(t, db.Write(t.Context(), manyNotes))
	folder := t.TempDir()
	run := func(namespaces bool) ([]byte, error) {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), backupChild+"="+folder, "DRAGOMAN_TEST_SOURCE="+db.path)
		if namespaces {
			child.Env = append(child.Env, backupMayMount+"=1")
			child.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
				UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
			}
		}
		return child.CombinedOutput()
	}
	out, err := run(true)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // it was not allowed to start
		out, err = run(false)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	if got := names(t, folder); len(got) > 0 {
		t.Errorf("%q was left", got)
	}
}

func backupToFullDisk(t *testing.T, folder string) {
	mounted := os.Getenv(backupMayMount) != "" && unix.Mount("none", folder, "tmpfs", 0, "size=64k") == nil
	if !mounted {
		signal.Ignore(unix.SIGXFSZ)
		check(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 64 << 10, Max: 64 << 10}))
	}
	db, err := Open(t.Context(), "sqlite:"+os.Getenv("DRAGOMAN_TEST_SOURCE"), slog.New(slog.DiscardHandler))
	check(t, err)
	err = db.Backup(t.Context(), filepath.Join(folder, "x.db"))
	fmt.Printf("a disk of its own: %v; %v\n", mounted, err)
	if err == nil || mounted != errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "store: backup: ") {
		t.Errorf("got %v", err)
	}
	if got := names(t, folder); len(got) > 0 {
		t.Errorf("%q was left", got)
	}
	check(t, db.Close())
}
