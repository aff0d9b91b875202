package check

import (
	"context"
	"errors"
	"net"
	"strconv"
)

// newTCP connects and closes. It sends nothing and reads nothing.
func newTCP(spec Spec, d Deps) (probe, error) {
	if !isHostPort(spec.Target) {
		return nil, errors.New("tcp needs host:port, for example 127.0.0.1:22")
	}
	return func(ctx context.Context) Result {
		conn, err := d.Dialer.DialContext(ctx, "tcp", spec.Target)
		if err != nil {
			return failure(err)
		}
		conn.Close()
		return Result{State: Up}
	}, nil
}

func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || !isHost(host) {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// isHost accepts addresses and names: what a resolver can be asked without
// being asked something else.
func isHost(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '/' || r == '@' || r == '?' || r == '#' || r == '\\' {
			return false
		}
	}
	return true
}
