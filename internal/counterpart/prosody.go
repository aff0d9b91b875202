package counterpart

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed prosody.cfg.lua.tmpl
var prosodyConfig string

// StartProsody starts a Prosody and returns when a component can connect,
// which takes about 0.1 s. ctx bounds the start, not the server's life: that
// ends with Stop.
func StartProsody(ctx context.Context, o Options) (*Server, error) {
	return startServer(ctx, o, software{
		kind:      "prosody",
		accounts:  []string{"prosody"},
		configure: configureProsody,
		command: func(s *Server) *exec.Cmd {
			return serverCommand(s, "prosody", "--config", filepath.Join(s.Dir, "prosody.cfg.lua"), "-F")
		},
		register:  registerProsody,
		offline:   true,
		portTaken: "Failed to open server port",
	})
}

// serverCommand runs a program in the server's folder with an environment
// that doesn't depend on who calls.
func serverCommand(s *Server, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.Dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.Dir, "LC_ALL=C.UTF-8"}
	return cmd
}

func configureProsody(s *Server) error {
	// Prosody has one component port for all: a domain is told by its stream.
	for d := range s.components {
		s.components[d] = s.setup.addr
	}
	return writeConfig(s, "prosody.cfg.lua", prosodyConfig, luaString)
}

// configData is what both configuration templates see.
type configData struct {
	*Server
	Options
	Setup      configComponent
	Components []configComponent
	AsRoot     bool
}

type configComponent struct{ Domain, Secret, Port string }

// writeConfig renders a template into the server's folder; quote writes a
// string literal of the configuration's language.
func writeConfig(s *Server, name, text string, quote func(string) string) error {
	t, err := template.New(name).Funcs(template.FuncMap{"q": quote, "port": portOf}).Parse(text)
	if err != nil {
		return err
	}
	data := configData{Server: s, Options: s.options, AsRoot: s.account == nil}
	data.Setup = configComponent{s.setup.domain, s.setup.secret, portOf(s.setup.addr)}
	for d, addr := range s.components {
		data.Components = append(data.Components, configComponent{d, s.options.Components[d], portOf(addr)})
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, name), []byte(b.String()), 0o600)
}

// registerProsody writes the account's file, which is all that an account of
// internal_plain is; Prosody reads it at each login. prosodyctl would do the
// same in 25 ms.
func registerProsody(_ context.Context, s *Server, user, password string) error {
	dir := filepath.Join(s.Dir, "data", prosodyName(s.Domain), "accounts")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(dir, prosodyName(user)+".dat")
	text := fmt.Sprintf("return {\n\t[\"password\"] = %s;\n};\n", luaString(password))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return s.account.own(filepath.Dir(dir))
}

// prosodyName encodes a name as util.datamanager does for file names.
func prosodyName(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// luaString is a Lua string literal of s, whatever its bytes.
func luaString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
