package check

import (
	"context"
	"net"
)

// dialFunc is net.Dialer.DialContext.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newDialer is the dialer of checks that were given none. Keep-alive would cost
// two system calls for a connection that is closed at once.
func newDialer() *net.Dialer {
	return &net.Dialer{KeepAlive: -1, Resolver: newResolver((&net.Dialer{}).DialContext)}
}

// newResolver makes a resolver whose questions end with their context. Those of
// net.DefaultResolver go on for five seconds and more when a name server is
// silent: with many machines and a broken network, that adds up.
func newResolver(dial dialFunc) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: dial.untilDone}
}

// untilDone dials, and closes the connection when ctx ends.
func (dial dialFunc) untilDone(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := dial(ctx, network, address)
	if err == nil {
		context.AfterFunc(ctx, func() { conn.Close() })
	}
	return conn, err
}
