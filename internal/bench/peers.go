package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Who is who on every server.
const (
	loadDomain = "load.chat.local"
	echoDomain = "echo.chat.local"
	botDomain  = "mycomponent.chat.local"

	question = "get-status machine1"
	running  = "machine1 is currently running for"
)

// peer is one who answers the load.
type peer struct {
	name    string
	address string
	expect  string // what every answer contains
	process *child

	rate    []float64     // answers per second, of each round
	answers int           // of all these rounds
	cpu     time.Duration // of processor time for them
	alone   []float64     // median latency of one message at a time, in milliseconds
	peak    float64       // bytes of resident memory
}

// cpuEach is the processor time for one answer in microseconds. It is taken
// over all rounds because the kernel counts in steps of 10 ms.
func (p *peer) cpuEach() float64 {
	return p.cpu.Seconds() * 1e6 / float64(max(p.answers, 1))
}

// startEcho starts the raw echo.
func (s *stage) startEcho(ctx context.Context) error {
	cmd, err := selfCommand(context.WithoutCancel(ctx), s.self, asEcho, s.component(echoDomain))
	if err != nil {
		return err
	}
	p := &peer{name: "echo", address: "echo@" + echoDomain, expect: question}
	_, err = s.start(ctx, p, cmd)
	return err
}

// botConfig is the bot's skills.yaml: database, component address, secret. It
// leaves everything else as a newcomer finds it.
const botConfig = `bot: {name: dragoman, admins: [john@chat.local]}
store: {url: %q}
xmpp:
  components:
    - {domain: ` + botDomain + `, address: %q, secret: %q, nick: dragoman}
skills:
  ping: {enabled: true}
  status: {enabled: true, config: {machines: [{name: machine1, check: local}]}}
`

// startBot starts the real program, again and again: first with a new database
// each time, then with the last of these. The last process stays.
func (s *stage) startBot(ctx context.Context, program string, times int) error {
	for i := range 2 * times {
		database := filepath.Join(s.dir, fmt.Sprintf("bot%d.db", min(i, times-1)))
		file := filepath.Join(s.dir, "skills.yaml")
		c := s.component(botDomain)
		text := fmt.Sprintf(botConfig, "sqlite:"+database, c.Addr, c.Secret)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the bot's configuration: %w", err)
		}
		p := &peer{name: "dragoman", address: "bot@" + botDomain, expect: running}
		seconds, err := s.start(ctx, p, exec.Command(program, "run", "-c", file))
		if err != nil {
			return err
		}
		if i < times {
			s.startNew = append(s.startNew, seconds)
		} else {
			s.startOld = append(s.startOld, seconds)
		}
		if i == 2*times-1 {
			break
		}
		s.peers = s.peers[:len(s.peers)-1]
		if err := p.process.stop(); err != nil {
			return err
		}
	}
	return nil
}
