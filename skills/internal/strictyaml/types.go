package strictyaml

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ParseDuration reads what time.ParseDuration reads, and days and weeks of 24
// hours before it: "7d", "1w", "1d12h".
func ParseDuration(s string) (time.Duration, error) {
	var days time.Duration
	rest := s
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		digits, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || time.Duration(n) > (math.MaxInt64-days)/unit.length {
			return 0, errors.New("not a duration such as 15s, 5m or 7d")
		}
		days += time.Duration(n) * unit.length
		rest = after
	}
	if rest == "" && s != "" {
		return days, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || rest != s && (d < 0 || rest[0] == '+') || d > math.MaxInt64-days {
		return 0, errors.New("not a duration such as 15s, 5m or 7d")
	}
	return days + d, nil
}

// Zone is a time zone given by its IANA name, such as Europe/Berlin. The zero
// Zone is UTC.
type Zone struct{ location *time.Location }

// Location is the zone for the time package.
func (z Zone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// String is the IANA name.
func (z Zone) String() string { return z.Location().String() }

// MarshalText is the IANA name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

// UnmarshalText looks the name up in the time zone database. "Local" is
// refused: stored times would change their meaning with the machine.
func (z *Zone) UnmarshalText(name []byte) error {
	location, err := time.LoadLocation(string(name))
	if err != nil || len(name) == 0 || string(name) == "Local" {
		return fmt.Errorf("%q is not a time zone known here; write its IANA name, for example Europe/Berlin or UTC", clip(string(name)))
	}
	z.location = location
	return nil
}

// Block is text of several lines, written after |, that knows where it stands,
// so that who reads it can name the line of a mistake in it.
type Block struct {
	Text string
	File string
	Line int // of the file, on which Text begins
}

// block decodes a Block.
func (d *decoder) block(n *yaml.Node, v reflect.Value, path string) {
	if isNull(n) {
		v.SetZero()
		return
	}
	if n.Kind != yaml.ScalarNode || n.Style&yaml.LiteralStyle == 0 {
		d.addf(n.Line, path, "%s must be a block of lines that begins with |", named(path))
		return
	}
	if s, ok := d.expand(n, path); ok {
		v.Set(reflect.ValueOf(Block{Text: s.string, File: d.src.File, Line: n.Line + 1}))
	}
}
