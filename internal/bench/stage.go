package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"dragoman/internal/counterpart"
)

// stage is one server with those who are measured on it.
type stage struct {
	kind     string
	self     string // path of this program
	dir      string
	secret   string // of every component
	server   *counterpart.Server
	progress io.Writer

	peers              []*peer   // the echo first, then the bot, then Errbot
	startNew, startOld []float64 // seconds from the bot's exec to its first answer, without and with a database
	others             []float64 // processors that were busy while the benchmark rested
	notes              []string
}

// answerLimit is how long one answer may take before a load gives up.
const answerLimit = 20 * time.Second

// perform starts everything on one kind of server, measures it and ends it.
func perform(ctx context.Context, kind, self string, p plan, progress io.Writer) (_ *stage, err error) {
	s := &stage{kind: kind, self: self, secret: rand.Text(), progress: progress}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
		if err != nil {
			err = fmt.Errorf("on %s: %w", kind, err)
		}
	}()
	if s.dir, err = os.MkdirTemp("", "dragoman-bench-"); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%s: starting\n", kind)
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	if err := s.startEcho(ctx); err != nil {
		return nil, err
	}
	if err := s.startBot(ctx, p.bot, p.starts); err != nil {
		return nil, err
	}
	if err := s.startErrbot(ctx); err != nil {
		return nil, err
	}
	return s, s.rounds(ctx, p)
}

func (s *stage) open(ctx context.Context) error {
	o := counterpart.Options{
		Components: map[string]string{loadDomain: s.secret, echoDomain: s.secret, botDomain: s.secret},
		Users:      map[string]string{errbotUser: s.secret},
	}
	start := counterpart.StartEjabberd
	if s.kind == "prosody" {
		start = counterpart.StartProsody
	}
	var err error
	s.server, err = start(ctx, o)
	return err
}

func (s *stage) component(domain string) component {
	return component{Addr: s.server.Component(domain), Domain: domain, Secret: s.secret}
}

// start starts a peer, and returns the seconds to its first answer.
func (s *stage) start(ctx context.Context, p *peer, cmd *exec.Cmd) (float64, error) {
	took, err := firstAnswer(ctx, s.component(loadDomain), p.address, p.expect, func() (err error) {
		p.process, err = startChild(cmd, filepath.Join(s.dir, p.name+".log"))
		return err
	})
	if p.process != nil {
		s.peers = append(s.peers, p)
	}
	if err != nil && p.process != nil {
		err = fmt.Errorf("%w; the log of %s ends:\n%s", err, p.name, p.process.tail())
	}
	return took.Seconds(), err
}

// rounds measures the peers in turns, forwards and backwards, after one round
// that does not count.
func (s *stage) rounds(ctx context.Context, p plan) error {
	order := slices.Clone(s.peers)
	for i := range p.rounds + 1 {
		fmt.Fprintf(s.progress, "%s: round %d of %d\n", s.kind, i, p.rounds)
		others, err := busyWithOthers(ctx)
		if err != nil {
			return err
		}
		s.others = append(s.others, others)
		for _, peer := range order {
			if err := s.busy(ctx, peer, p.busy, i > 0); err != nil {
				return err
			}
		}
		for _, peer := range order {
			r, err := s.ask(ctx, peer, 1, p.alone)
			if err != nil {
				return err
			}
			if i > 0 {
				peer.alone = append(peer.alone, float64(r.P50)/float64(time.Millisecond))
			}
		}
		slices.Reverse(order)
	}
	for _, peer := range s.peers {
		var err error
		if peer.peak, err = peer.process.peak(); err != nil {
			return err
		}
	}
	return nil
}

// busy measures one turn of a peer with many messages in flight.
func (s *stage) busy(ctx context.Context, p *peer, length time.Duration, counts bool) error {
	before, err := p.process.cpu()
	if err != nil {
		return err
	}
	r, err := s.ask(ctx, p, window, length)
	if err != nil {
		return err
	}
	after, err := p.process.cpu()
	if err != nil || !counts {
		return err
	}
	p.rate = append(p.rate, r.perSecond())
	p.cpu += after - before
	p.answers += r.Answered
	return nil
}

func (s *stage) ask(ctx context.Context, p *peer, inFlight int, length time.Duration) (result, error) {
	return callLoad(ctx, s.self, load{
		Component: s.component(loadDomain), To: p.address, Text: question, Expect: p.expect,
		People: people, Window: inFlight, For: length, Patience: answerLimit,
	})
}

// close ends everything that was started, the last first.
func (s *stage) close() error {
	var errs []error
	for i := len(s.peers) - 1; i >= 0; i-- {
		errs = append(errs, s.peers[i].process.stop())
	}
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
