package strictyaml

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

const hidden = "[secret]"

// Secret is text that prints as "[secret]" however it is printed, logged or
// marshalled; only Reveal gives it away. Keep it in exported fields, which
// package fmt asks how they print; it does not ask unexported ones, nor any at
// all for %p, which go vet refuses.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String is "[secret]".
func (Secret) String() string { return hidden }

// GoString is "[secret]".
func (Secret) GoString() string { return hidden }

// Format writes "[secret]" for every verb. Without it a verb that does not fit,
// such as %d, would print the text inside fmt's complaint.
func (Secret) Format(w fmt.State, _ rune) { io.WriteString(w, hidden) }

// LogValue is "[secret]".
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText is "[secret]", so JSON and YAML hide it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// redactor removes the secrets it was told of from errors that other code
// wrote.
type redactor struct{ secrets []string }

func (r *redactor) add(secret string) {
	if secret == "" || slices.Contains(r.secrets, secret) {
		return
	}
	r.secrets = append(r.secrets, secret)
	if q := strconv.Quote(secret); q[1:len(q)-1] != secret {
		r.secrets = append(r.secrets, q[1:len(q)-1])
	}
}

// clean replaces every stretch of s that a secret holds too, not only whole
// secrets: url.Parse, for one, quotes the part of a password it dislikes.
// Stretches shorter than the window are left, or no sentence would survive.
func (r *redactor) clean(s string) string {
	hide := make([]bool, len(s))
	for _, secret := range r.secrets {
		window := min(4, len(secret))
		if len(secret) > 64 {
			window = 8
		}
		for i := 0; i+window <= len(s); i++ {
			if !strings.Contains(secret, s[i:i+window]) || window < 4 && !standsAlone(s, i, i+window) {
				continue
			}
			for j := i; j < i+window; j++ {
				hide[j] = true
			}
		}
	}
	var out strings.Builder
	for i := range len(s) {
		switch {
		case !hide[i]:
			out.WriteByte(s[i])
		case i == 0 || !hide[i-1]:
			out.WriteString(hidden)
		}
	}
	return strings.ToValidUTF8(out.String(), "")
}

// standsAlone reports whether s[from:to] is a word of its own: a secret of one
// letter must not blot out that letter everywhere.
func standsAlone(s string, from, to int) bool {
	return (from == 0 || wordLen(s[from-1:from]) == 0) && (to == len(s) || wordLen(s[to:to+1]) == 0)
}
