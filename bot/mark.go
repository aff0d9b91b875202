package bot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

const (
	// keepUnique is how long the journal knows a message by an id that its
	// sender never uses again.
	keepUnique = 24 * time.Hour
	// keepPlain is the same for an id that may come again: long enough for a
	// client that sends anew what it could not get rid of.
	keepPlain = 5 * time.Minute
)

// mark is how a message that changes something is known to the journal and the
// outbox.
type mark struct {
	key  string
	keep time.Duration
	// reply is the id of its reply in the outbox, and earlier the one that it
	// may have had when it came first.
	reply, earlier string
}

// mark is that of the message at the time of its handling.
//
// Where the id need not be unique, the same message is a new one when it comes
// after keepPlain. Its reply must not be taken for the first one's, so the ids
// count the spans of that length: a repetition falls into the span of the first
// or the one after, a new message never into that of the first.
func (m *Message) mark(now time.Time) mark {
	switch {
	case m.ID == "":
		id := rand.Text()
		return mark{key: DerivedID("none", id), keep: keepPlain, reply: id}
	case m.Unique:
		key := DerivedID("unique", m.Transport, string(m.Room), m.Sender.Identity(), m.ID)
		return mark{key: m.ofPart(key), keep: keepUnique, reply: m.ReplyID(m.part)}
	}
	key := m.ofPart(DerivedID("plain", m.Transport, string(m.From), m.ID, m.Text))
	span := now.UnixNano() / int64(keepPlain)
	return mark{
		key: key, keep: keepPlain,
		reply:   DerivedID("reply", key, strconv.FormatInt(span, 10)),
		earlier: DerivedID("reply", key, strconv.FormatInt(span-1, 10)),
	}
}

// ofPart makes the key of a message that of one of its wishes. A message with one
// wish has the key that it had before there could be several.
func (m *Message) ofPart(key string) string {
	if m.part == 0 {
		return key
	}
	return DerivedID(key, strconv.Itoa(m.part))
}

// DerivedID is a short id for those parts, the same wherever they are divided
// the same way: what follows from the same input has the same id.
func DerivedID(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}
