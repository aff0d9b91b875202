package counterpart

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the unprivileged account that a server runs as when the caller
// is root. A nil account is the caller's own.
type account struct{ uid, gid uint32 }

// accountFor picks the first account of names that exists, or else nobody. It
// is nil when the caller is not root, or when dir lies in a folder that the
// account can't enter: the server then runs as the caller.
func accountFor(dir string, names ...string) *account {
	if os.Geteuid() != 0 || !enterable(filepath.Dir(dir)) {
		return nil
	}
	for _, name := range append(names, "nobody") {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &account{uint32(uid), uint32(gid)}
		}
	}
	return nil
}

// enterable reports whether everybody may pass through dir and all above it.
func enterable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}

// own gives dir and everything in it to the account.
func (a *account) own(dir string) error {
	if a == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
			return fmt.Errorf("give the folder to the server's account: %w", err)
		}
		return nil
	})
}

// holdPort takes a name that stands for the port among all that use this
// package: an abstract Unix socket leaves no file, and the kernel gives it up
// when the process dies.
func holdPort(port int) (io.Closer, error) {
	return net.Listen("unix", "@dragoman-port-"+strconv.Itoa(port))
}

// sysProcAttr describes a child that runs as a, in a process group of its
// own, and gets the signal death when the thread that forked it ends.
func sysProcAttr(a *account, death syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

func killGroup(pid int) error   { return syscall.Kill(-pid, syscall.SIGKILL) }
func pauseGroup(pid int) error  { return syscall.Kill(-pid, syscall.SIGSTOP) }
func resumeGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGCONT) }
