package counterpart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Postgres is one running PostgreSQL server with a throwaway cluster, which
// trusts every connection from loopback.
type Postgres struct {
	Addr string // host:port
	Dir  string
	Log  string

	bin      string
	settings []string
	account  *account
	port     *reservation
	ownsDir  bool
	process  *process
}

// postgresUser owns the cluster.
const postgresUser = "dragoman"

// StartPostgres makes a cluster in dir, or in a folder of its own that Stop
// removes when dir is empty, and starts a server on it; together about a
// second. Settings such as "fsync=off" go to the server as they are; by
// default it is as durable as any. ctx bounds the start only.
func StartPostgres(ctx context.Context, dir string, settings ...string) (*Postgres, error) {
	if err := Missing("postgresql"); err != nil {
		return nil, err
	}
	p := &Postgres{Dir: dir, bin: postgresBin(), settings: settings}
	if dir == "" {
		own, err := os.MkdirTemp("", "dragoman-postgres-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
		}
		p.Dir, p.ownsDir = own, true
	}
	err := p.initialize(ctx)
	for range startAttempts {
		if err != nil {
			break
		}
		p.port.release()
		if p.port, err = reserve(1); err != nil {
			break
		}
		p.Addr = p.port.addrs[0]
		if err = p.launch(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", err), p.Stop())
	}
	return p, nil
}

// initialize makes the cluster. It may leave out the sync to disk, since
// nobody wants this cluster back after a power cut.
func (p *Postgres) initialize(ctx context.Context) error {
	dir, err := filepath.Abs(p.Dir)
	if err != nil {
		return err
	}
	p.Dir, p.Log = dir, filepath.Join(dir, "postgres.log")
	p.account = accountFor(dir, "postgres")
	if os.Geteuid() == 0 && p.account == nil {
		return fmt.Errorf("PostgreSQL refuses to run as root, and no other account can enter %s: use another folder", dir)
	}
	if err := p.account.own(dir); err != nil {
		return err
	}
	out, err := p.tool(ctx, "initdb", "-D", p.data(), "-U", postgresUser, "-A", "trust",
		"--no-locale", "-E", "UTF8", "--no-instructions", "--no-sync")
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (p *Postgres) data() string { return filepath.Join(p.Dir, "data") }

// command is a program of PostgreSQL's in an environment of its own.
func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.Dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + p.Dir, "LC_ALL=C.UTF-8"}
	return cmd
}

// tool runs such a program to its end.
func (p *Postgres) tool(ctx context.Context, name string, args ...string) (string, error) {
	cmd := p.command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	child, err := startProcess(cmd, p.account, syscall.SIGKILL)
	if err != nil {
		return "", err
	}
	select {
	case <-child.done:
		return out.String(), child.err
	case <-ctx.Done():
		child.kill()
		return out.String(), context.Cause(ctx)
	}
}

func (p *Postgres) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("PostgreSQL was not ready within %s", startLimit))
	defer cancel()
	// A Unix socket would bound the length of the folder's name.
	args := []string{"-D", p.data(), "-p", portOf(p.Addr),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}
	for _, s := range p.settings {
		args = append(args, "-c", s)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	seen, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cmd := p.command("postgres", args...)
	cmd.Stdout, cmd.Stderr = log, log
	// SIGQUIT lets it free its shared memory, which SIGKILL doesn't.
	if p.process, err = startProcess(cmd, p.account, syscall.SIGQUIT); err != nil {
		return err
	}
	return retry(ctx, func() (bool, error) {
		if !p.process.alive() {
			text, _ := os.ReadFile(p.Log)
			text = text[min(int(seen), len(text)):]
			if bytes.Contains(text, []byte("Address already in use")) {
				return false, errPortTaken
			}
			return false, fmt.Errorf("it ended: %v\n%s", p.process.err, text)
		}
		_, err := p.tool(ctx, "pg_isready", "-q", "-h", "127.0.0.1", "-p", portOf(p.Addr))
		return true, err
	})
}

// URL is the address of the database postgres, for pgx and GORM.
func (p *Postgres) URL() string { return p.url("postgres") }

func (p *Postgres) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(postgresUser), Host: p.Addr, Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// CreateDatabase makes an empty database and returns its URL, so that several
// tests can share one server.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) (string, error) {
	out, err := p.tool(ctx, "createdb", "-h", "127.0.0.1", "-p", portOf(p.Addr), "-U", postgresUser, "--", name)
	if err != nil {
		return "", fmt.Errorf("create the database %s: %w: %s", name, err, strings.TrimSpace(out))
	}
	return p.url(name), nil
}

// Stop shuts the server down (SIGINT: open connections are cut) and removes
// the folder when StartPostgres made it.
func (p *Postgres) Stop() error {
	var err error
	if p.process != nil {
		err = p.process.stop(os.Interrupt)
	}
	p.port.release()
	if p.ownsDir {
		err = errors.Join(err, os.RemoveAll(p.Dir))
	}
	return err
}

// Kill ends the server and all its processes as a crash would (SIGQUIT:
// nothing is finished, written back or said to clients; the next start
// recovers from the log). SIGKILL would leave its children for a moment, who
// lead sessions of their own and go on answering.
func (p *Postgres) Kill() error {
	if p.process == nil {
		return nil
	}
	return p.process.stop(syscall.SIGQUIT)
}

// Restart starts the server again on the same port and data, after shutting
// it down if it runs, and returns when it takes connections.
func (p *Postgres) Restart(ctx context.Context) error {
	if p.process != nil {
		if err := p.process.stop(os.Interrupt); err != nil {
			return err
		}
	}
	if err := p.launch(ctx); err != nil {
		return fmt.Errorf("restart PostgreSQL: %w", err)
	}
	return nil
}
