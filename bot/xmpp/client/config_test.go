package client

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigRefusesWhatCannotWorkOrIsNotSafe(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"a jid that is none":                {func(c *Config) { c.JID = "bot@@x" }, "address"},
		"a domain as the account":           {func(c *Config) { c.JID = "chat.test" }, "name@domain"},
		"no password":                       {func(c *Config) { c.Password = "" }, "no password"},
		"an address without port":           {func(c *Config) { c.Address = "127.0.0.1" }, "host:port"},
		"port zero":                         {func(c *Config) { c.Address = "127.0.0.1:0" }, "no port"},
		"an unknown mode":                   {func(c *Config) { c.TLS = "maybe" }, "none of starttls"},
		"no TLS to another machine":         {func(c *Config) { c.TLS, c.Address = NoTLS, "192.0.2.1:5222" }, "this machine"},
		"no TLS to a name":                  {func(c *Config) { c.TLS, c.Address = NoTLS, "localhost.example:5222" }, "this machine"},
		"no TLS to wherever the DNS points": {func(c *Config) { c.TLS, c.Address = NoTLS, "" }, "this machine"},
		"a control character as resource":   {func(c *Config) { c.Resource = "a\x01" }, "resource"},
		"a CA file that is not there":       {func(c *Config) { c.CAFile = noPEM + "x" }, "ca_file"},
		"a CA file without certificates":    {func(c *Config) { c.CAFile = noPEM }, "no certificate"},
		"two kinds of trust":                {func(c *Config) { c.CAFile, c.RootCAs = noPEM, x509.NewCertPool() }, "give one"},
		"iterations beyond reason":          {func(c *Config) { c.MinIterations = maxIterations + 1 }, "iterations"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{JID: "bot@chat.test", Password: testPassword, Address: "127.0.0.1:5222"}
			tc.change(&cfg)
			_, err := New(cfg)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("New = %v, want an error that says %q", err, tc.says)
			}
			if strings.Contains(err.Error(), testPassword) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestConfigResourceComesFromTheJIDUnlessGiven(t *testing.T) {
	for _, tc := range []struct{ jid, resource, want string }{
		{"bot@chat.test", "", DefaultResource},
		{"bot@chat.test/here", "", "here"},
		{"bot@chat.test/here", "there", "there"},
	} {
		c, err := New(Config{JID: tc.jid, Password: "x", Resource: tc.resource})
		if err != nil {
			t.Fatal(err)
		}
		if c.cfg.Resource != tc.want || c.jid.Resource() != "" {
			t.Errorf("%+v: resource %q, account %s", tc, c.cfg.Resource, c.jid)
		}
	}
}

func TestConfigPrintsWithoutThePassword(t *testing.T) {
	cfg := Config{JID: "bot@chat.test", Password: testPassword}
	for _, s := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), fmt.Sprintf("%v", &cfg), fmt.Sprintf("%+v", struct{ C Config }{cfg})} {
		if strings.Contains(s, testPassword) {
			t.Errorf("printed with the password: %s", s)
		}
	}
}
