package counterpart

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
)

//go:embed ejabberd.yml.tmpl
var ejabberdConfig string

// StartEjabberd starts an ejabberd and returns when a component can connect,
// which takes about a second. ctx bounds the start, not the server's life:
// that ends with Stop. Each component gets a port of its own, because one
// ejabberd listener with two hosts routes both to every connection.
func StartEjabberd(ctx context.Context, o Options) (*Server, error) {
	return startServer(ctx, o, software{
		kind:     "ejabberd",
		accounts: []string{"ejabberd"},
		configure: func(s *Server) error {
			return writeConfig(s, "ejabberd.yml", ejabberdConfig, yamlString)
		},
		command:   ejabberdCommand,
		register:  registerEjabberd,
		portTaken: "eaddrinuse",
	})
}

// ejabberdCommand starts the Erlang machine itself instead of ejabberdctl:
// any account may, the child is the server, and neither node name, cookie nor
// the daemon epmd come into being.
func ejabberdCommand(s *Server) *exec.Cmd {
	spool := filepath.Join(s.Dir, "spool")
	cmd := serverCommand(s, "erl", "-noinput", "-mnesia", "dir", yamlString(spool), "-s", "ejabberd")
	cmd.Dir = spool
	cmd.Env = append(cmd.Env,
		"ERL_LIBS="+ejabberdLibs(),
		"ERL_CRASH_DUMP_BYTES=0",
		"EJABBERD_CONFIG_PATH="+filepath.Join(s.Dir, "ejabberd.yml"),
		"EJABBERD_LOG_PATH="+s.Log,
		"EJABBERD_PID_PATH="+filepath.Join(s.Dir, "ejabberd.pid"))
	return cmd
}

// ejabberdLibs is the folder that Debian keeps ejabberd's Erlang application
// in (/usr/lib/x86_64-linux-gnu), or empty.
func ejabberdLibs() string {
	for _, pattern := range []string{"/usr/lib/*/ejabberd-*/ebin/ejabberd.app", "/usr/lib/ejabberd-*/ebin/ejabberd.app"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return filepath.Dir(filepath.Dir(filepath.Dir(found[0])))
		}
	}
	return ""
}

// registerEjabberd uses the HTTP interface, which trusts loopback.
func registerEjabberd(ctx context.Context, s *Server, user, password string) error {
	status, answer, err := ejabberdCall(ctx, s, "register",
		map[string]string{"user": user, "host": s.Domain, "password": password})
	if err == nil && status == http.StatusConflict { // it exists
		status, answer, err = ejabberdCall(ctx, s, "change_password",
			map[string]string{"user": user, "host": s.Domain, "newpass": password})
	}
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("ejabberd answers %d: %s", status, answer)
	}
	return err
}

func ejabberdCall(ctx context.Context, s *Server, command string, args map[string]string) (int, string, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.HTTP+"/api/"+command, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	// A transport of its own: no proxy from the environment, and no idle
	// connection whose goroutines outlive the call.
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	return resp.StatusCode, string(answer), err
}

// yamlString is a string literal for YAML, of which JSON is a part, and for
// Erlang, as long as s has no control characters.
func yamlString(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return string(bytes.TrimSpace(b.Bytes()))
}
