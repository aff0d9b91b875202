package check

import (
	"io"
	"log"
	"net/netip"
)

var loopback4 = netip.MustParseAddr("127.0.0.1")

// quiet is for test servers whose clients hang up on purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
