package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Run runs every transport, the outbox and every skill until ctx ends or one of
// them fails for good; that failure is returned. Then nothing new is accepted,
// what was accepted is answered within Config.Grace, and all goroutines have
// ended when Run returns. If the cause of the end of ctx is ErrHangUp, all
// connections are closed at once and nothing more is answered.
func (b *Bot) Run(ctx context.Context) error {
	// Transports and the outbox outlive the intake, so that the last answers
	// still go out.
	wires, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	delivery, endDelivery := context.WithCancel(wires)
	defer endDelivery()
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	b.router.start(wires)
	var outbox, skills, transports sync.WaitGroup
	if b.cfg.Outbox != nil {
		outbox.Go(func() {
			if err := b.cfg.Outbox.Run(delivery, b.transports); err != nil && delivery.Err() == nil {
				stop(fmt.Errorf("outbox: %w", err))
			}
		})
	}
	skills.Go(func() { b.learning(work) })
	for _, s := range b.skills {
		if r, ok := s.(Runner); ok {
			skills.Go(func() {
				if err := r.Run(work); err != nil && work.Err() == nil {
					stop(fmt.Errorf("skill %s: %w", s.Name(), err))
				}
			})
		}
	}
	for _, t := range b.transports {
		transports.Go(func() {
			if err := t.Run(wires, &b.router); err != nil && wires.Err() == nil {
				stop(fmt.Errorf("%s: %w", t.Name(), err))
			}
		})
	}

	<-work.Done()
	if errors.Is(context.Cause(ctx), ErrHangUp) {
		hangUp()
	}
	// From here to the hanging up it takes Grace and a last word at most.
	grace, spent := b.within(context.WithoutCancel(ctx), b.cfg.Grace+lastWords)
	defer spent()
	skills.Wait()
	b.router.stop(b.cfg.Grace)
	endDelivery()
	defer context.AfterFunc(grace, hangUp)() // what the outbox still waits for
	outbox.Wait()
	hangUp()
	transports.Wait()
	if err := context.Cause(work); err != context.Cause(ctx) {
		return err
	}
	return nil
}
