package counterpart

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options say what the server to start shall know. The zero value starts an
// empty server for chat.local.
type Options struct {
	// Dir is an existing folder for the server's data, which the caller
	// removes. Empty means a folder of its own, which Stop removes.
	Dir string
	// Domain is the host of the accounts; the default is chat.local. Rooms
	// live at rooms.Domain, XEP-0363 uploads at upload.Domain.
	Domain string
	// Components maps the domain of each external component to its secret.
	Components map[string]string
	// Users maps the localpart of each account to its password.
	Users map[string]string
	// Rooms are made before the server counts as started: "ops" or
	// "ops@rooms.chat.local". Every room, these and those that open by being
	// joined, is persistent, open and shows real addresses to everybody.
	Rooms []string

	// SemiAnonymous lets new rooms show real addresses to moderators only.
	SemiAnonymous bool
	// TLS12Only refuses TLS 1.3 to clients, so that the channel binding
	// tls-unique exists.
	TLS12Only bool
	// ChannelBinding lets ejabberd offer SCRAM-*-PLUS. Version 23.01 can only
	// do tls-unique, but offers it over TLS 1.3 too: combine it with
	// TLS12Only. Prosody always offers -PLUS where it can.
	ChannelBinding bool
	// DisableSASL lists mechanisms that are not offered, such as "PLAIN".
	DisableSASL []string
	// SCRAMHash is the hash that ejabberd stores passwords with, and so the
	// one it offers: "sha", "sha256" (the default) or "sha512". Prosody always
	// offers SHA-1 and SHA-256.
	SCRAMHash string
	// AllowUnencrypted lets clients log in without TLS.
	AllowUnencrypted bool
	// StanzaLimit is the largest stanza in bytes that the server takes; 0
	// leaves Prosody's 256 KiB for clients and 512 KiB for components, and no
	// limit in ejabberd.
	StanzaLimit int
	// LogLevel is "info" by default; "debug" shows stanzas and costs speed.
	LogLevel string
	// Extra is added as it is to the global part of the configuration, in the
	// server's own language.
	Extra string
}

// Server is one running XMPP server. Its exported fields are facts, not to be
// changed. Its methods may be called from one goroutine at a time, except
// Stop and Kill, which may come at any time.
type Server struct {
	Kind         string // "prosody" or "ejabberd"
	Domain       string // host of the accounts
	RoomsDomain  string
	UploadDomain string
	C2S          string // host:port for clients, with STARTTLS
	C2STLS       string // host:port for clients, TLS from the first byte
	HTTP         string // host:port of XEP-0363 uploads, BOSH and websocket
	Dir          string
	Log          string // the server's own log file
	CertFile     string // PEM of the certificate
	RootCAs      *x509.CertPool

	options    Options
	software   software
	account    *account
	components map[string]string // domain -> host:port
	setup      setupLink
	ports      *reservation
	ownsDir    bool

	mu      sync.Mutex
	process *process
	users   map[string]string
}

// software is what differs between the kinds of server.
type software struct {
	kind      string
	accounts  []string // system accounts to run as, in order of preference
	configure func(*Server) error
	command   func(*Server) *exec.Cmd
	// register makes or changes an account. Where offline is set it works
	// without the server and is used before the start.
	register func(ctx context.Context, s *Server, user, password string) error
	offline  bool
	// portTaken is what the log says when a port was in use.
	portTaken string
}

const (
	defaultDomain = "chat.local"
	startLimit    = 45 * time.Second
	startAttempts = 5
)

func startServer(ctx context.Context, o Options, sw software) (*Server, error) {
	if err := Missing(sw.kind); err != nil {
		return nil, err
	}
	s := &Server{Kind: sw.kind, Domain: cmp.Or(o.Domain, defaultDomain), options: o, software: sw,
		users: maps.Clone(o.Users), Dir: o.Dir}
	if s.users == nil {
		s.users = map[string]string{}
	}
	s.RoomsDomain, s.UploadDomain = "rooms."+s.Domain, "upload."+s.Domain
	if s.Dir == "" {
		dir, err := os.MkdirTemp("", "dragoman-"+sw.kind+"-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for %s: %w", sw.kind, err)
		}
		s.Dir, s.ownsDir = dir, true
	}
	err := s.prepare()
	for range startAttempts {
		if err != nil {
			break
		}
		if err = s.configure(); err != nil {
			break
		}
		if err = s.launch(ctx); !errors.Is(err, errPortTaken) {
			break
		}
		if err = s.end(syscall.SIGTERM); err == nil {
			err = fmt.Errorf("start %s: %w, %d times over", sw.kind, errPortTaken, startAttempts)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// prepare makes what doesn't depend on the ports.
func (s *Server) prepare() error {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return fmt.Errorf("the server's folder: %w", err)
	}
	s.Dir = dir
	for _, sub := range []string{"data", "spool", "logs", "upload"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("make a folder for %s: %w", s.Kind, err)
		}
	}
	s.CertFile = filepath.Join(dir, "cert.pem")
	s.Log = filepath.Join(dir, "logs", s.Kind+".log")
	if s.RootCAs, err = writeCert(dir, s.Domain); err != nil {
		return err
	}
	s.account = accountFor(dir, s.software.accounts...)
	s.setup, err = newSetupLink(s.Domain)
	return err
}

// configure takes new ports and writes the configuration with them.
func (s *Server) configure() error {
	domains := slices.Sorted(maps.Keys(s.options.Components))
	s.ports.release()
	ports, err := reserve(4 + len(domains))
	if err != nil {
		return err
	}
	s.ports = ports
	addrs := ports.addrs
	s.C2S, s.C2STLS, s.HTTP, s.setup.addr = addrs[0], addrs[1], addrs[2], addrs[3]
	s.components = map[string]string{}
	for i, d := range domains {
		s.components[d] = addrs[4+i]
	}
	if err := s.software.configure(s); err != nil {
		return fmt.Errorf("configure %s: %w", s.Kind, err)
	}
	return s.account.own(s.Dir)
}

// Component is the host:port at which the component of that domain connects,
// or empty when Options.Components doesn't name it.
func (s *Server) Component(domain string) string { return s.components[domain] }

// Room is the full address of a room: "ops" becomes ops@rooms.chat.local.
func (s *Server) Room(name string) string {
	if strings.Contains(name, "@") {
		return name
	}
	return name + "@" + s.RoomsDomain
}

// ClientTLS is a configuration that trusts exactly this server.
func (s *Server) ClientTLS() *tls.Config {
	return &tls.Config{ServerName: s.Domain, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}

// launch starts the program and waits until it has answered a handshake and
// knows its users and rooms.
func (s *Server) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit,
		fmt.Errorf("%s was not ready within %s", s.Kind, startLimit))
	defer cancel()
	if s.software.offline {
		if err := s.registerAll(ctx); err != nil {
			return err
		}
	}
	seen := s.logSize()
	if err := s.run(); err != nil {
		return err
	}
	err := retry(ctx, func() (bool, error) {
		if !s.current().alive() {
			return false, fmt.Errorf("%s ended while starting: %v", s.Kind, s.current().err)
		}
		return true, s.setup.handshake(ctx)
	})
	if strings.Contains(s.logSince(seen), s.software.portTaken) {
		return errPortTaken
	}
	if err != nil {
		return fmt.Errorf("start %s: %w; the end of its log:\n%s", s.Kind, err, s.LogTail(20))
	}
	if !s.software.offline {
		if err := s.registerAll(ctx); err != nil {
			return err
		}
	}
	return s.openRooms(ctx)
}

// run starts the program itself; its output goes to a file in the folder.
func (s *Server) run() error {
	out, err := os.OpenFile(s.outFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the output file of %s: %w", s.Kind, err)
	}
	defer out.Close() // the child has its own
	cmd := s.software.command(s)
	cmd.Stdout, cmd.Stderr = out, out
	p, err := startProcess(cmd, s.account, syscall.SIGKILL)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = p
	return nil
}

func (s *Server) registerAll(ctx context.Context) error {
	s.mu.Lock()
	users := maps.Clone(s.users)
	s.mu.Unlock()
	for _, u := range slices.Sorted(maps.Keys(users)) {
		if err := s.software.register(ctx, s, u, users[u]); err != nil {
			return fmt.Errorf("register %s@%s: %w", u, s.Domain, err)
		}
	}
	return nil
}

func (s *Server) openRooms(ctx context.Context) error {
	if len(s.options.Rooms) == 0 {
		return nil
	}
	rooms := make([]string, len(s.options.Rooms))
	for i, r := range s.options.Rooms {
		rooms[i] = s.Room(r)
	}
	return s.setup.openRooms(ctx, rooms)
}

// AddUser makes an account on the running server, or changes its password.
func (s *Server) AddUser(ctx context.Context, local, password string) error {
	if err := s.software.register(ctx, s, local, password); err != nil {
		return fmt.Errorf("register %s@%s: %w", local, s.Domain, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[local] = password
	return nil
}

func (s *Server) current() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

func (s *Server) end(sig os.Signal) error {
	if p := s.current(); p != nil {
		return p.stop(sig)
	}
	return nil
}

// Stop ends the server in good order (SIGTERM) and removes its folder when it
// made it. A second Stop does nothing.
func (s *Server) Stop() error {
	err := s.end(syscall.SIGTERM)
	s.ports.release()
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.Dir))
	}
	return err
}

// Kill ends the server by SIGKILL, as a crash would. Its folder stays for
// Restart; Stop removes it.
func (s *Server) Kill() error {
	if p := s.current(); p != nil {
		p.kill()
	}
	return nil
}

// Restart starts the server again on the same ports and data, after ending it
// in good order if it runs. It returns when a component can connect again.
// Accounts and rooms from Options and AddUser exist then, also where the crash
// of the server lost them.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.end(syscall.SIGTERM); err != nil {
		return err
	}
	if err := s.launch(ctx); err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	return nil
}

// Pause stops the server in its tracks (SIGSTOP): connections stay open and
// new ones are even accepted by the kernel, but nothing is answered.
func (s *Server) Pause() error {
	if p := s.current(); p != nil && p.alive() {
		return pauseGroup(p.cmd.Process.Pid)
	}
	return fmt.Errorf("%s does not run", s.Kind)
}

// Resume lets a paused server go on (SIGCONT): what was queued is served.
func (s *Server) Resume() error {
	if p := s.current(); p != nil && p.alive() {
		return resumeGroup(p.cmd.Process.Pid)
	}
	return fmt.Errorf("%s does not run", s.Kind)
}

// PID is the process id of the server that runs, or 0.
func (s *Server) PID() int {
	if p := s.current(); p != nil && p.alive() {
		return p.cmd.Process.Pid
	}
	return 0
}
