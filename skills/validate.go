package skills

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/skills/internal/strictyaml"
)

// The checks below find what was probably not meant, before anything starts.
// They are no full parsers of RFC 7622: what connects decides that.

// maxPart is the most bytes of one part of a JID (RFC 7622, section 3).
const maxPart = 1023

// domain is what comes after the @, also without one.
func domain(s string) error {
	wrong := strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`@/:"'<>&\,;`, r)
	})
	switch {
	case strings.Contains(s, "@"):
		return fmt.Errorf("%q is an address with an @; expected a domain alone, such as mycomponent.chat.local", s)
	case s == "" || len(s) > maxPart || wrong || strings.Contains(s, "..") || s[0] == '.' || s[0] == '-':
		return fmt.Errorf("%q is no domain, such as mycomponent.chat.local", s)
	}
	return nil
}

// bareJID is an address with an @ and without a resource.
func bareJID(s string) error {
	if strings.Contains(s, "/") {
		return fmt.Errorf("%q has a resource (the part after the slash); expected a bare JID, such as john@chat.local", s)
	}
	return account(s)
}

// account is an address with an @, with or without a resource.
func account(s string) error {
	bare, resource, slash := strings.Cut(s, "/")
	local, host, at := strings.Cut(bare, "@")
	// RFC 7622, section 3.3.1, excludes these from a localpart.
	wrong := strings.ContainsFunc(local, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"&'/:<>@`, r)
	})
	if !at || local == "" || len(local) > maxPart || wrong || domain(host) != nil || slash && resource == "" {
		return fmt.Errorf("%q is no JID, such as john@chat.local", s)
	}
	return nil
}

// roomJID is the address of a room.
func roomJID(s string) error {
	if strings.Contains(s, "/") {
		return fmt.Errorf("%q has a part after the slash; the nick has its own key, and a room is written ops@rooms.chat.local", s)
	}
	if account(s) != nil {
		return fmt.Errorf("%q is no address of a room, such as ops@rooms.chat.local", s)
	}
	return nil
}

// nick is a name in rooms, which is a resource of a JID (RFC 7622, section
// 3.4).
func nick(s string) error {
	if strings.TrimSpace(s) == "" || s != strings.TrimSpace(s) || len(s) > maxPart || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("a name must have letters, begin and end with one, and fit on a line")
	}
	return nil
}

// seats are the problems with the rooms that an identity sits in.
func seats(name string, rooms []string) []error {
	var errs []error
	if name != "" { // else that of the bot
		if err := nick(name); err != nil {
			errs = append(errs, strictyaml.Key("nick", err))
		}
	}
	return append(errs, append(each("rooms", rooms, roomJID), twice("rooms[%d]", rooms)...)...)
}

// prefix is what addresses the bot in a room. With a letter or digit every
// word that begins so would be a command.
func prefix(s string) error {
	wrong := strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) || unicode.IsControl(r)
	})
	if wrong || utf8.RuneCountInString(s) > 8 {
		return errors.New(`expected signs that no sentence begins with, such as "!", or "" for none`)
	}
	return nil
}

// tag is the shape of a language tag (RFC 5646, section 2.1).
var tag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func language(s string) error {
	if !tag.MatchString(s) {
		return fmt.Errorf("%q is no language tag, such as en or pt-BR", s)
	}
	return nil
}

// hostPort is an address to dial.
func hostPort(address string) error {
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
		return errors.New("expected host:port, such as 127.0.0.1:5347")
	}
	return nil
}

// each checks the items of a list.
func each(name string, items []string, check func(string) error) []error {
	var errs []error
	for i, item := range items {
		if err := check(item); err != nil {
			errs = append(errs, strictyaml.Key(fmt.Sprintf("%s[%d]", name, i), err))
		}
	}
	return errs
}

// twice finds items that are there already; their case does not count. Path
// has a %d for the place in the list.
func twice(path string, items []string) []error {
	var errs []error
	first := make(map[string]bool)
	for i, item := range items {
		if k := strings.ToLower(item); first[k] {
			errs = append(errs, strictyaml.Key(fmt.Sprintf(path, i), fmt.Errorf("%s is listed twice", item)))
		} else {
			first[k] = true
		}
	}
	return errs
}

func notOneOf(word string, words []string) error {
	text := fmt.Sprintf("%q is not one of %s", word, strings.Join(words, ", "))
	if near, ok := strictyaml.Nearest(word, words); ok {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return errors.New(text)
}
