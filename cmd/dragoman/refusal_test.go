package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// TestARefusalEndsTheBotWithItsReason: what only a person can mend is told at
// once and ends the program with 1, and the secret is not told with it.
func TestARefusalEndsTheBotWithItsReason(t *testing.T) {
	const wrong = "not-the-secret-at-all"
	onEachServer(t, func(t *testing.T, s *counterpart.Server) {
		good := componentConfig(t, s, "{}")
		unknown := "the server knows no component other.chat.local"
		if s.Kind == "ejabberd" {
			// It says not-authorized of a domain that it doesn't know too.
			unknown = "the server refuses the secret of other.chat.local"
		}
		for _, c := range []struct{ name, config, want string }{
			{"a wrong secret", strings.Replace(good, "secret: "+botSecret, "secret: "+wrong, 1),
				"the server refuses the secret of " + botDomain},
			{"an unknown host", strings.Replace(good, "domain: "+botDomain, "domain: other.chat.local", 1), unknown},
			{"a wrong password", strings.Replace(accountConfig(t, s, "{}"), "password: pw-mary", "password: "+wrong, 1),
				"the server refuses the login"},
		} {
			if !strings.Contains(c.config, wrong) && !strings.Contains(c.config, "other.chat.local") {
				t.Fatalf("%s: the configuration was not changed:\n%s", c.name, c.config)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			var out, log syncBuffer
			code := run(ctx, []string{"run", "-c", configFile(t, c.config), "--log-level", "debug"}, streams{strings.NewReader(""), &out, &log})
			if ctx.Err() != nil {
				t.Errorf("%s: the bot went on trying", c.name)
			}
			cancel()
			if code != 1 || !strings.Contains(log.String(), c.want) {
				t.Errorf("%s: exit %d, want 1 and %q in:\n%s", c.name, code, c.want, &log)
			}
			for _, secret := range []string{wrong, botSecret} {
				if strings.Contains(log.String()+out.String(), secret) {
					t.Errorf("%s: the secret is in the output:\n%s", c.name, &log)
				}
			}
		}
	})
}
