package stream

import (
	"bytes"
	"io"
)

const (
	firstBuffer = 16 << 10
	// keepBuffer is the most that is kept when nothing is pending: one large
	// stanza must not hold its memory for the life of the stream.
	keepBuffer = 64 << 10
	// maxHeader bounds a start tag that is parsed although it has too many
	// attributes, for the sake of knowing whom to answer.
	maxHeader = 8 << 10
	// maxDecl bounds an XML declaration and the stream's end tag.
	maxDecl = 512
)

// checkSize holds the element under scan against the byte limit.
func (f *framer) checkSize() {
	if f.drain {
		f.start = f.pos
	} else if f.pos-f.start > f.limits.Bytes {
		f.refuse(whyBytes)
		f.forget()
	}
}

// refuse marks the element as beyond a limit. While its own start tag is still
// open the bytes are kept, because they say whom to answer.
func (f *framer) refuse(why string) {
	if f.why == "" {
		f.why = why
	}
	if f.tag > 0 {
		f.forget()
	}
}

// forget begins to drain. The start tag survives if it is complete, within the
// limit, and not so long that parsing it would be the attack.
func (f *framer) forget() {
	if f.drain {
		return
	}
	f.drain = true
	if f.tag > 0 && f.tag <= f.limits.Bytes && (f.why != whyAttrs || f.tag <= maxHeader) {
		f.dropped = bytes.Clone(f.buf[f.start : f.start+f.tag])
	}
}

// fill reads more once all of buf is scanned.
func (f *framer) fill() error {
	if f.srcErr != nil {
		return f.srcErr
	}
	f.makeRoom()
	for range 100 {
		n, err := f.src.Read(f.buf[f.end:])
		f.end += n
		if n > 0 {
			f.srcErr = err
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

func (f *framer) makeRoom() {
	if f.drain || f.state == between {
		f.start, f.pos, f.end = 0, 0, 0
		if cap(f.buf) > keepBuffer {
			f.buf = nil
		}
	}
	if f.buf == nil {
		f.buf = make([]byte, firstBuffer)
	}
	if f.end < len(f.buf) {
		return
	}
	buf := f.buf
	if f.start < len(f.buf)/2 { // moving down would gain little
		buf = make([]byte, 2*len(f.buf))
	}
	f.end = copy(buf, f.buf[f.start:f.end])
	f.pos -= f.start
	f.start = 0
	f.buf = buf
}
