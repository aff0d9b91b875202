package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestASecretPrintsAsNothingElse(t *testing.T) {
	holder := struct{ Password Secret }{"hunter2"}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %[1]v", "%20s", "%t"} {
		fmt.Fprintf(&out, verb+"\n", holder.Password)
		fmt.Fprintf(&out, verb+"\n", holder)
		fmt.Fprintf(&out, verb+"\n", []Secret{"hunter2"})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "secret", holder.Password, "holder", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "secret", holder.Password, "holder", holder)
	if err := json.NewEncoder(&out).Encode(holder); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(&out, holder.Password.String(), holder.Password.GoString())
	if s := out.String(); strings.Contains(s, "hunter2") || strings.Contains(s, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret was printed:\n%s", s)
	}
	if strings.Count(out.String(), hidden) < 30 {
		t.Errorf("too few %s:\n%s", hidden, out.String())
	}
	if holder.Password.Reveal() != "hunter2" {
		t.Error("Reveal does not reveal")
	}
}

func TestRedactorHidesPartsAndQuotedForms(t *testing.T) {
	r := &redactor{}
	r.add("postgres://u:p%zzw0rd@h/db")
	r.add("ab")
	r.add("line\nbreak")
	for in, want := range map[string]string{
		`parse "postgres://u:p%zzw0rd@h/db": bad`: `parse "[secret]": bad`,
		`bad password "p%zzw0rd"`:                 `bad password "[secret]"`,
		`the value "ab" about`:                    `the value "[secret]" about`,
		`got "line\nbreak"`:                       `got "[secret]"`,
		`nothing to hide`:                         `nothing to hide`,
	} {
		if got := r.clean(in); got != want {
			t.Errorf("clean(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"15s": 15 * time.Second, "7d": 7 * day, "1w": 7 * day, "1d12h": 36 * time.Hour, "2w3d4m": 17*day + 4*time.Minute,
		"0": 0, "-5s": -5 * time.Second, "1.5h": 90 * time.Minute, "0d": 0, "106751d": 106751 * day,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "d", "7", "-7d", "1d-5h", "1d+5h", "1d1d", "1d1w", "106752d", "1w99999999d", "1.5d", "7 d", "9999999999999h", "106751d24h"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, got)
		}
	}
}

func TestTheZeroZoneIsUTC(t *testing.T) {
	var z Zone
	if z.Location() != time.UTC || z.String() != "UTC" {
		t.Errorf("zero Zone is %v", z)
	}
	if err := z.UnmarshalText([]byte("America/New_York")); err != nil {
		t.Fatal(err)
	}
	if b, _ := z.MarshalText(); string(b) != "America/New_York" {
		t.Errorf("MarshalText = %s", b)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"address", "domain", "secret", "nick", "user_name", "password", "tls"}
	for word, want := range map[string]string{
		"addres": "address", "adress": "address", "adderss": "address", "Domain": "domain", "userName": "user_name", "pass": "password",
		"nck": "nick", "secrets": "secret", "tsl": "tls", "xyzzy": "", "": "", "jid": "", "a": "", strings.Repeat("address", 20): "",
	} {
		if got, ok := Nearest(word, names); got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", word, got, ok, want)
		}
	}
}

// FuzzParseDuration holds ParseDuration against the standard library's: what
// that one reads is read the same, and nothing turns negative by overflow.
func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"15s", "7d", "1w2d3h", "-1h", "106751d23h47m16.854775807s", "9w9", "d", "1d "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseDuration(s)
		want, stdErr := time.ParseDuration(s)
		if stdErr == nil && (err != nil || got != want) {
			t.Errorf("ParseDuration(%q) = %v, %v; the standard library says %v", s, got, err, want)
		}
		if err == nil && got < 0 && !strings.HasPrefix(s, "-") {
			t.Errorf("ParseDuration(%q) = %v", s, got)
		}
	})
}
