package client

import (
	"errors"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"dragoman/bot/xmpp"
)

func TestChooseTakesTheStrongestThatBothHave(t *testing.T) {
	exporter := scram.ChannelBinding{Type: scram.ChannelBindingTLSExporter, Data: []byte{1}}
	unique := scram.ChannelBinding{Type: scram.ChannelBindingTLSUnique, Data: []byte{2}}
	endpoint := scram.ChannelBinding{Type: scram.ChannelBindingTLSServerEndpoint, Data: []byte{3}}
	tls13, tls12 := []scram.ChannelBinding{exporter, endpoint}, []scram.ChannelBinding{exporter, unique, endpoint}
	all := "PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-512 SCRAM-SHA-512-PLUS"
	for name, tc := range map[string]struct {
		offer, types string // types "-" is a server without XEP-0440
		can          []scram.ChannelBinding
		plain        bool
		want         string // mechanism, binding or flag
	}{
		"all of it":                              {all, "tls-unique tls-exporter", tls13, false, "SCRAM-SHA-512-PLUS tls-exporter"},
		"TLS 1.2, types listed":                  {all, "tls-unique", tls12, false, "SCRAM-SHA-512-PLUS tls-unique"},
		"TLS 1.2, types not listed":              {"SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "-", tls12, false, "SCRAM-SHA-256-PLUS tls-unique"},
		"only the certificate in common":         {all, "tls-server-end-point", tls13, false, "SCRAM-SHA-512-PLUS tls-server-end-point"},
		"binding before a stronger hash":         {"SCRAM-SHA-1-PLUS SCRAM-SHA-1 SCRAM-SHA-512", "tls-exporter", tls13, false, "SCRAM-SHA-1-PLUS tls-exporter"},
		"ejabberd 23.01 on TLS 1.3":              {all, "-", tls13, false, "SCRAM-SHA-512 n"},
		"a list without what TLS 1.3 has":        {all, "tls-unique", tls13, false, "SCRAM-SHA-512 n"},
		"an empty list":                          {all, "", tls13, false, "SCRAM-SHA-512 n"},
		"no -PLUS offered, so accuse a stripper": {"SCRAM-SHA-1 SCRAM-SHA-256 PLAIN", "-", tls13, false, "SCRAM-SHA-256 y"},
		"-PLUS of a hash that we don't have":     {"SCRAM-SHA3-512-PLUS SCRAM-SHA-1", "-", tls13, false, "SCRAM-SHA-1 n"},
		"no TLS, so no binding to speak of":      {"SCRAM-SHA-1", "-", nil, false, "SCRAM-SHA-1 n"},
		"SCRAM before PLAIN":                     {"PLAIN SCRAM-SHA-1", "-", tls13, true, "SCRAM-SHA-1 y"},
		"PLAIN with permission":                  {"PLAIN DIGEST-MD5", "-", tls13, true, "PLAIN n"},
		"PLAIN without":                          {"PLAIN DIGEST-MD5", "-", tls13, false, "error allow_plain"},
		"nothing that we know":                   {"DIGEST-MD5 X-OAUTH2", "-", tls13, true, "error DIGEST-MD5, X-OAUTH2"},
		"nothing at all":                         {"", "-", tls13, true, "error nothing"},
		"only -PLUS, and no binding in common":   {"SCRAM-SHA-1-PLUS", "tls-unique", tls13, true, "error SCRAM-SHA-1-PLUS"},
	} {
		t.Run(name, func(t *testing.T) {
			f := features{mechanisms: strings.Fields(tc.offer), listed: tc.types != "-"}
			if f.listed {
				f.bindings = strings.Fields(tc.types)
			}
			c, err := choose(f, tc.can, tc.plain)
			if says, ok := strings.CutPrefix(tc.want, "error "); ok {
				var denied *xmpp.AuthError
				if !errors.As(err, &denied) || !strings.Contains(denied.Text, says) {
					t.Fatalf("choose = %v, want an AuthError that says %q", err, says)
				}
				return
			}
			got := c.mechanism + " n"
			switch {
			case err != nil:
				t.Fatal(err)
			case c.binding.IsSupported():
				got = c.mechanism + " " + string(c.binding.Type)
			case c.advertise:
				got = c.mechanism + " y"
			}
			if got != tc.want {
				t.Errorf("chose %s, want %s", got, tc.want)
			}
			if (c.mechanism == "PLAIN") != (c.hash == nil) {
				t.Errorf("%s with hash %v", c.mechanism, c.hash != nil)
			}
		})
	}
}
