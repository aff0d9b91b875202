package bot

import (
	"strconv"
	"testing"
	"time"

	"dragoman/internal/clock"
)

func TestSeenIsBoundedAndForgetsTheOldest(t *testing.T) {
	clk := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	s := newSeen(clk)
	m := func(i int) *Message { return &Message{ID: strconv.Itoa(i), Sender: Person{Account: "john"}} }
	for i := range 5 * seenMax {
		if !s.first(m(i)) {
			t.Fatalf("message %d was taken for a repetition", i)
		}
		if n := len(s.younger) + len(s.elder); n > 2*seenMax {
			t.Fatalf("%d ids are remembered, more than %d", n, 2*seenMax)
		}
	}
	for i := 4 * seenMax; i < 5*seenMax; i++ {
		if s.first(m(i)) {
			t.Fatalf("message %d, one of the latest, was forgotten", i)
		}
	}
	if !s.first(m(0)) {
		t.Error("the first message of many is still remembered")
	}
	s.first(m(-1))
	clk.Advance(seenFor)
	if s.first(m(-1)) {
		t.Errorf("an id was forgotten within %v", seenFor)
	}
}
