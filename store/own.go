package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dragoman/internal/clock"
)

// ownPoll is how often somebody who waits for the file looks again.
const ownPoll = 100 * time.Millisecond

// ErrReplaced says that the SQLite file, or its FILE.lock, is not the one any more
// that this process uses: it was removed, or there is another one in its place.
var ErrReplaced = errors.New("the files of the store were changed while the bot was running")

// ownership counts the calls of Own that were not released.
type ownership struct {
	turn  chan struct{} // held while the rest is looked at or changed
	count int
	file  *os.File // carries the lock while count > 0
}

// Own waits until this process is the only one that uses the SQLite file, as
// far as others ask too, or until ctx ends. Calls on one DB add up: it is owned
// until each of them was released. The end of the process, however it ends,
// releases it too. In memory and on PostgreSQL there is nothing to own, and on
// systems without flock it cannot be seen to: the log says so.
//
// The lock is on FILE.lock, which stays behind and names its owner. Who owns the
// database asks StillOwned now and then. If FILE was replaced while Own waited,
// what this process has read of it is no longer true: an ErrReplaced.
func (db *DB) Own(ctx context.Context) (release func(), err error) {
	if db.path == "" {
		return func() {}, ctx.Err()
	}
	o := &db.own
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if o.count == 0 {
		if o.file, err = db.takeLock(ctx); err == nil {
			err = db.replaced(o.file)
		}
		if err != nil {
			o.release()
			return nil, fmt.Errorf("store: own the database: %w", err)
		}
	}
	o.count++
	var released bool
	return func() {
		o.turn <- struct{}{}
		defer func() { <-o.turn }()
		if released {
			return
		}
		released = true
		if o.count--; o.count == 0 {
			o.release()
		}
	}, nil
}

func (o *ownership) release() {
	if o.file != nil {
		_ = o.file.Truncate(0)
		_ = o.file.Close()
		o.file = nil
	}
}

// StillOwned makes sure that the SQLite file still is the one that was opened,
// and FILE.lock the one that Own has locked; else the error is an ErrReplaced.
// What is written to a file that was removed is lost with the last connection,
// though every commit succeeds. It reads two entries of a folder and nothing
// else. Where Own has nothing to own, all is well.
func (db *DB) StillOwned(ctx context.Context) error {
	if db.path == "" {
		return nil
	}
	select {
	case db.own.turn <- struct{}{}:
		defer func() { <-db.own.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := db.replaced(db.own.file); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// replaced compares the files with what is at their paths; lock may be nil.
func (db *DB) replaced(lock *os.File) error {
	if !isAt(db.path, db.opened) {
		return fmt.Errorf("%w: %q was removed or replaced, and what was written since is not in it: "+
			"put the file back, or restore a backup, and start again", ErrReplaced, db.path)
	}
	if lock == nil {
		return nil
	}
	if info, err := lock.Stat(); err == nil && !isAt(lock.Name(), info) {
		return fmt.Errorf("%w: %q was removed or replaced, so that another process may use the store too: "+
			"leave that file alone, make sure that no other bot runs on it, and start again", ErrReplaced, lock.Name())
	}
	return nil
}

// isAt reports whether the file is at path, or it cannot be seen at the moment.
func isAt(path string, file os.FileInfo) bool {
	now, err := os.Stat(path)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return os.SameFile(file, now)
}

// takeLock returns the file that carries the lock, or nil where there are no
// such locks.
func (db *DB) takeLock(ctx context.Context) (*os.File, error) {
	path := db.path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // all names of the file share one lock
	}
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for waited := false; ; waited = true {
		taken, err := lockFile(file)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			db.log.WarnContext(ctx, "this system cannot keep other processes from the database: run only one", "file", path)
			return nil, file.Close()
		case err != nil:
			return nil, errors.Join(fmt.Errorf("lock %q: %w", file.Name(), err), file.Close())
		case taken:
			signLock(file)
			return file, nil
		}
		if !waited {
			db.log.InfoContext(ctx, "waiting for the process that owns the database", "file", path, "owner", readLock(file))
		}
		if err := clock.Sleep(ctx, clock.System{}, ownPoll); err != nil {
			return nil, errors.Join(fmt.Errorf("%q is owned by another process (%s): %w", path, readLock(file), err), file.Close())
		}
	}
}

// signLock writes who we are, for those who wait; on a full disk they must do
// without.
func signLock(file *os.File) {
	text := fmt.Sprintf("pid %d since %s", os.Getpid(), clock.System{}.Now().UTC().Format(time.RFC3339))
	_ = file.Truncate(0)
	_, _ = file.WriteAt([]byte(text), 0)
}

func readLock(file *os.File) string {
	text := make([]byte, 100)
	n, _ := file.ReadAt(text, 0)
	return strings.ToValidUTF8(string(text[:n]), "?")
}
