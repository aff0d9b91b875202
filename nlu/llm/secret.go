package llm

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Secret is a string that prints, logs and encodes as [secret]. Convert it to a
// string where it is needed.
type Secret string

const hidden = "[secret]"

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler, so for JSON and YAML as well.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// minSecret is the shortest key that is looked for in texts. Local servers take
// keys such as "none", which are words.
const minSecret = 8

// redact takes the key out of a text that a server had a part in: some repeat
// the key they were given in what they answer.
func (s Secret) redact(text string) string {
	if len(s) < minSecret {
		return text
	}
	return strings.ReplaceAll(text, string(s), hidden)
}
