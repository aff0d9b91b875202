package strictyaml

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecode holds whatever the file says: no panic, errors are Problems in
// order of line, and a secret that came from outside is in none of them.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("a: &a [*a, *a]\n? [x]\n: y\n"))
	f.Add([]byte("xmpp: {components: [{tls: '${env:X}', address: 'a ${file:y}', port: '${env:Z}', $: '$${'}]}"))
	f.Add([]byte("bot: {timezone: '${env:X}', wait: '${env:X}', name: !x y}\n# c\n---\n"))
	const secret = "Zq9Zq8Zq7Zq6Zq5"
	src := Source{
		File:     "f",
		Getenv:   func(string) (string, bool) { return secret, true },
		ReadFile: func(string) ([]byte, error) { return []byte(secret), nil },
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Contains(string(data), "Zq") {
			t.Skip("the file itself has the secret")
		}
		var into file
		err := Decode(data, src, &into)
		for _, s := range into.Skills {
			var c component
			err = errors.Join(err, s.Config.Decode(&c))
		}
		if err == nil {
			return
		}
		if strings.Contains(err.Error(), "Zq9Zq") || !utf8.ValidString(err.Error()) {
			t.Errorf("a secret or invalid text in %q", err)
		}
		var ps Problems
		if !errors.As(err, &ps) {
			t.Fatalf("%T is not Problems", err)
		}
		for i, p := range ps {
			if p.Line < 1 || i > 0 && p.Line < ps[i-1].Line {
				t.Errorf("line %d after %d", p.Line, ps[max(i-1, 0)].Line)
			}
		}
	})
}
