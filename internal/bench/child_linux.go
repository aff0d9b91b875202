package main

import (
	"os/exec"
	"syscall"
)

// endWithParent lets the child get SIGTERM when its parent dies, and spares it
// the Ctrl-C of the terminal: the parent ends it in good order.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
