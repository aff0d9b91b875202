package bot

import (
	"crypto/sha256"
	"sync"
	"time"

	"dragoman/internal/clock"
)

const (
	// seenFor is at least how long an id is remembered, and at most twice as
	// long.
	seenFor = time.Hour
	// seenMax bounds each of the two generations of ids.
	seenMax = 50_000
)

// seen remembers the ids of handled messages in two generations of bounded
// size: the younger takes new ids, and when it is old or full it becomes the
// elder and the former elder is forgotten.
type seen struct {
	clock clock.Clock

	mu             sync.Mutex
	younger, elder map[[16]byte]struct{}
	since          time.Time // when younger was begun
}

func newSeen(c clock.Clock) *seen {
	return &seen{clock: c, younger: make(map[[16]byte]struct{}), since: c.Now()}
}

// first notes the message and reports whether it is here for the first time.
// The id counts together with its sender: one person cannot use up another's.
func (s *seen) first(m *Message) bool {
	return s.firstKey(seenKey(m))
}

// forget lets the message come again.
func (s *seen) forget(m *Message) { s.forgetKey(seenKey(m)) }

func seenKey(m *Message) [16]byte {
	sum := sha256.Sum256([]byte(m.Transport + "\x00" + string(m.Room) + "\x00" + m.Sender.Identity() + "\x00" + m.ID))
	return [16]byte(sum[:16])
}

func (s *seen) firstKey(key [16]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.clock.Now(); len(s.younger) >= seenMax || now.Sub(s.since) > seenFor {
		s.younger, s.elder, s.since = make(map[[16]byte]struct{}), s.younger, now
	}
	_, young := s.younger[key]
	_, old := s.elder[key]
	s.younger[key] = struct{}{}
	return !young && !old
}

func (s *seen) forgetKey(key [16]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.younger, key)
	delete(s.elder, key)
}
