package counterpart

import (
	"net"
	"syscall"
	"unsafe"
)

// unsent is the number of bytes that the peer's kernel does not have yet
// (SIOCOUTQ of tcp(7)), or 0 where that can't be known.
func unsent(conn net.Conn) int {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return 0
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0
	}
	var n int32
	_ = raw.Control(func(fd uintptr) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n))); errno != 0 {
			n = 0
		}
	})
	return int(n)
}
