package stream

import (
	"context"

	"dragoman/internal/clock"
)

// ping asks the peer for a sign of life from time to time and ends with
// ErrPingTimeout when none comes. A dead connection would go unnoticed for a
// quarter of an hour otherwise.
func (s *Session) ping(ctx context.Context) error {
	if s.cfg.Ping == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	for {
		if err := clock.Sleep(ctx, s.cfg.Clock, s.cfg.PingEvery); err != nil {
			return err
		}
		if err := s.pingOnce(ctx); err != nil {
			return err
		}
	}
}

// pingOnce returns nil once the peer has answered, be it with an error.
func (s *Session) pingOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	heard := s.heard.Load()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if _, err := s.Ask(ctx, s.cfg.Ping()); err != nil {
			s.cfg.Log.Debug("ping", "err", err)
		}
	}()
	defer func() { cancel(); <-answered }()
	limit := s.cfg.Clock.NewTimer(s.cfg.PingTimeout)
	defer limit.Stop()
	for {
		select {
		case <-answered:
			return ctx.Err()
		case <-limit.C():
		}
		// The answer may be behind other things in the stream: as long as
		// those come in, or only Handle keeps us from reading, it lives.
		now := s.heard.Load()
		if now == heard && !s.stalled.Load() {
			return ErrPingTimeout
		}
		heard = now
		limit.Reset(s.cfg.PingTimeout)
	}
}
