package stream

import (
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open is a Reader past its header on a stream with the given body.
func open(tb testing.TB, header, body string, l Limits) *Reader {
	tb.Helper()
	return openFrom(tb, strings.NewReader(header+body), l)
}

func openFrom(tb testing.TB, src io.Reader, l Limits) *Reader {
	tb.Helper()
	r := NewReader(src, l)
	if _, err := r.Header(); err != nil {
		tb.Fatalf("header: %v", err)
	}
	return r
}

// parse reads the one element in xml, as on an account's stream.
func parse(tb testing.TB, xml string) *Element {
	tb.Helper()
	r := open(tb, clientHeader, xml+CloseTag, DefaultLimits())
	e, err := r.Next()
	if err != nil {
		tb.Fatalf("%s: %v", xml, err)
	}
	if _, err := r.Next(); err != io.EOF {
		tb.Fatalf("after %s: %v, want io.EOF", xml, err)
	}
	return e
}
