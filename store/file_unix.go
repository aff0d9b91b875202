//go:build aix || darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// accessible fails if this process may not write to the file or folder at path.
func accessible(path string) error { return unix.Access(path, unix.W_OK) }

// lockFile takes the lock of file if nobody has it. The lock ends with the
// process, or when the file is closed.
func lockFile(file *os.File) (taken bool, err error) {
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
