//go:build !linux

package counterpart

import (
	"errors"
	"io"
	"syscall"
)

// account is only known on Linux; elsewhere a server runs as the caller and
// outlives a parent that was killed.
type account struct{}

func accountFor(string, ...string) *account { return nil }

func (*account) own(string) error { return nil }

func sysProcAttr(*account, syscall.Signal) *syscall.SysProcAttr { return nil }

// holdPort can't keep other processes from a port here.
func holdPort(int) (io.Closer, error) { return io.NopCloser(nil), nil }

func killGroup(int) error   { return errors.ErrUnsupported }
func pauseGroup(int) error  { return errors.ErrUnsupported }
func resumeGroup(int) error { return errors.ErrUnsupported }
