package stream

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
)

// maxPart is the most bytes of each part of an address, RFC 7622 3.2 to 3.4.
const maxPart = 1023

// JID is an XMPP address, RFC 7622: local@domain/resource, of which the domain
// alone is required. It is a value: compare with ==, use as a map key. The zero
// JID is no address.
type JID struct{ local, domain, resource string }

// ParseJID reads an address that somebody else chose. It is as lenient as
// safety allows, because the server that let the address pass has judged it
// already and an address that we cannot name is a person whom we cannot
// answer. Its errors don't quote the address, which may hold a telephone
// number. RFC 7622 says where it is split and how long a part may be; the
// domain is lower-cased and loses its final dot, the local part has its ASCII
// letters lower-cased, the resource stays as it is.
func ParseJID(s string) (JID, error) {
	j, err := split(s)
	if err != nil {
		return JID{}, err
	}
	j.domain = strings.ToLower(strings.TrimSuffix(j.domain, "."))
	j.local = lowerASCII(j.local)
	if err := j.check(); err != nil {
		return JID{}, err
	}
	return j, nil
}

// ParseOwnJID reads an address of our own, from a configuration, strictly: the
// local part must satisfy UsernameCaseMapped and the resource OpaqueString
// (RFC 7622, RFC 8265), the domain must be a host name or an IP address. The
// result is in the form in which servers compare.
func ParseOwnJID(s string) (JID, error) {
	j, err := split(s)
	if err != nil {
		return JID{}, err
	}
	if j.local != "" {
		if strings.ContainsAny(j.local, `"&'/:<>@`) {
			return JID{}, fmt.Errorf("address %q: the part before the @ has one of \"&'/:<>@; write it escaped by XEP-0106", clip(s))
		}
		if j.local, err = precis.UsernameCaseMapped.String(j.local); err != nil {
			return JID{}, fmt.Errorf("address %q: the part before the @ is no user name: %w", clip(s), err)
		}
	}
	if j.domain, err = ownDomain(j.domain); err != nil {
		return JID{}, fmt.Errorf("address %q: %w", clip(s), err)
	}
	if j.resource != "" {
		if j.resource, err = precis.OpaqueString.String(j.resource); err != nil {
			return JID{}, fmt.Errorf("address %q: the part after the / cannot be used: %w", clip(s), err)
		}
	}
	if err := j.check(); err != nil {
		return JID{}, err
	}
	return j, nil
}

// MustParse is ParseJID for an address written in the program; it panics on an
// error.
func MustParse(s string) JID {
	j, err := ParseJID(s)
	if err != nil {
		panic(err)
	}
	return j
}

// Local is the part before the @, "" if there is none.
func (j JID) Local() string { return j.local }

// Domain is the domain part.
func (j JID) Domain() string { return j.domain }

// Resource is the part after the first slash, "" if there is none.
func (j JID) Resource() string { return j.resource }

// Bare is j without its resource.
func (j JID) Bare() JID { return JID{local: j.local, domain: j.domain} }

// WithResource is j with resource r, or bare if r cannot be a resource: empty,
// longer than 1023 bytes, or with a character that XML forbids.
func (j JID) WithResource(r string) JID {
	if checkPart("resource", r) != nil {
		r = ""
	}
	j.resource = r
	return j
}

// IsZero reports whether j is no address.
func (j JID) IsZero() bool { return j == JID{} }

// String is the address as text, which ParseJID reads back as j; "" for the
// zero JID.
func (j JID) String() string {
	switch {
	case j.local == "" && j.resource == "":
		return j.domain
	case j.resource == "":
		return j.local + "@" + j.domain
	case j.local == "":
		return j.domain + "/" + j.resource
	}
	return j.local + "@" + j.domain + "/" + j.resource
}

// split finds the parts by RFC 7622 3.2: the first slash begins the resource,
// the first @ before it ends the local part.
func split(s string) (JID, error) {
	rest, resource, hasResource := strings.Cut(s, "/")
	local, domain, hasLocal := strings.Cut(rest, "@")
	if !hasLocal {
		local, domain = "", rest
	}
	switch {
	case hasLocal && local == "":
		return JID{}, errors.New("an address with nothing before the @")
	case hasResource && resource == "":
		return JID{}, errors.New("an address with nothing after the /")
	case domain == "":
		return JID{}, errors.New("an address without a domain")
	}
	return JID{local, domain, resource}, nil
}

// check holds the parts, already normalised, against what every address obeys.
func (j JID) check() error {
	if err := checkPart("domain", j.domain); err != nil {
		return err
	}
	if strings.ContainsAny(j.domain, "@ \t\r\n") {
		return errors.New("an address with an @ or white space in its domain")
	}
	if strings.HasSuffix(j.domain, ".") || strings.Contains(j.domain, "..") {
		return errors.New("an address with an empty label in its domain")
	}
	if j.local != "" {
		if err := checkPart("local part", j.local); err != nil {
			return err
		}
	}
	if j.resource != "" {
		return checkPart("resource", j.resource)
	}
	return nil
}

func checkPart(name, s string) error {
	switch {
	case s == "":
		return fmt.Errorf("an address with an empty %s", name)
	case len(s) > maxPart:
		return fmt.Errorf("an address with a %s of %d bytes; %d are allowed", name, len(s), maxPart)
	case !utf8.ValidString(s):
		return fmt.Errorf("an address with a %s that is not UTF-8", name)
	}
	for _, r := range s {
		if r < 0x20 || r == 0x7F || !isXMLChar(r) {
			return fmt.Errorf("an address with the control character %U in its %s", r, name)
		}
	}
	return nil
}

// ownDomain checks and normalises a domain, RFC 7622 3.2: a name by IDNA2008,
// an IPv4 address, or an IPv6 address in brackets.
func ownDomain(s string) (string, error) {
	s = strings.TrimSuffix(s, ".")
	if v6, ok := strings.CutPrefix(s, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(v6, "]"))
		if err != nil || !ip.Is6() || !strings.HasSuffix(v6, "]") {
			return "", errors.New("the domain in brackets is no IPv6 address")
		}
		return "[" + ip.String() + "]", nil
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf("the domain is no host name: %w", err)
	}
	if len(ascii) > 253 {
		return "", errors.New("the domain is longer than the 253 bytes of a host name")
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 {
			return "", errors.New("the domain has a label that is empty or longer than 63 bytes")
		}
	}
	return idna.Lookup.ToUnicode(ascii)
}

func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for k := i; k < len(b); k++ {
				if 'A' <= b[k] && b[k] <= 'Z' {
					b[k] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// clip keeps an error message short whatever somebody wrote.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
