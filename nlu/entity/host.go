package entity

import (
	"net/netip"
	"strings"

	"dragoman/nlu"
)

// host reports the IP address or the name of a host in the chunk.
func (s *scratch) host(start, end int) {
	text := s.text[start:end]
	if len(text) < 3 || strings.IndexByte(text, '.') < 0 && strings.IndexByte(text, ':') < 0 {
		return
	}
	trimmed := strings.TrimLeft(text, "*_~`")
	start += len(text) - len(trimmed)
	text = strings.TrimRight(trimmed, ".*_~`/")
	if strings.IndexByte(text, '[') < 0 {
		text = strings.TrimRight(text, "].")
	}
	if !strings.HasSuffix(text, "::") {
		text = strings.TrimRight(text, ":.")
	}
	if len(text) < 3 || len(text) > 262 {
		return
	}
	if len(text) > 4 && strings.EqualFold(text[:4], "www.") && isDomain(domainOf(text)) {
		s.own(start, start+len(text))
		s.add(KindURL, start, start+len(text), lower(domainOf(text))+text[len(domainOf(text)):])
		return
	}
	if d := domainOf(text); len(d) > 3 && len(d)+1 < len(text) && text[len(d)] == '/' && isDomain(d) && endsAsHost(d) {
		s.own(start, start+len(text))
		s.add(KindURL, start, start+len(text), lower(d)+text[len(d):])
		return
	}
	if !isHost(text) {
		return
	}
	s.own(start, start+len(text))
	s.add(KindHost, start, start+len(text), lower(text))
}

// domainOf returns s up to a path or a port.
func domainOf(s string) string {
	if i := strings.IndexAny(s, "/:?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// isHost reports whether s is an IP address or a host's name, with or without a
// port. A name without a port counts when it ends as names of hosts do.
func isHost(s string) bool {
	if s[0] == '[' {
		inside, port, ok := strings.Cut(s[1:], "]")
		return ok && isIPv6(inside) && (port == "" || port[0] == ':' && isPort(port[1:]))
	}
	if strings.Count(s, ":") > 1 {
		return isIPv6(s)
	}
	name, port, hasPort := strings.Cut(s, ":")
	if hasPort && !isPort(port) {
		return false
	}
	if isIPv4(name) {
		return true
	}
	if !isDomain(name) || onlyDigitsAndDots(name) {
		return false
	}
	if hasPort && (strings.ContainsAny(name, ".-0123456789") && !('0' <= name[0] && name[0] <= '9') || strings.EqualFold(name, "localhost")) {
		return true
	}
	return endsAsHost(name)
}

func onlyDigitsAndDots(s string) bool { return strings.Trim(s, "0123456789.-") == "" }

func isPort(s string) bool {
	if s == "" || len(s) > 5 || s[0] == '0' {
		return false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n <= 65535
}

func isIPv4(s string) bool {
	if len(s) < 7 || len(s) > 15 || s[0] < '0' || s[0] > '9' || strings.Count(s, ".") != 3 || !onlyDigitsAndDots(s) {
		return false // before ParseAddr, whose errors cost an allocation
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isIPv6(s string) bool {
	if addr, zone, ok := strings.Cut(s, "%"); ok { // fe80::1%eth0
		if zone == "" || strings.ContainsAny(zone, ":.%") {
			return false
		}
		s = addr
	}
	if len(s) < 3 || len(s) > 45 || strings.Count(s, ":") < 2 || strings.Trim(s, "0123456789abcdefABCDEF:.") != "" {
		return false
	}
	if strings.Count(s, ":") != 7 && !strings.Contains(s, "::") {
		return false // 15:00:30 is a time
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// endsAsHost reports whether the last label of a name is one that the names of
// hosts end with. A name with a capital after a dot is the end of a sentence.
func endsAsHost(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name)-dot > 12 {
		return false
	}
	if c := name[dot+1]; 'A' <= c && c <= 'Z' && hasLowerASCII(name) {
		return false
	}
	var buf [64]byte
	return topLevel[string(nlu.AppendFold(buf[:0], name[dot+1:]))]
}

func hasLowerASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return 'a' <= r && r <= 'z' }) >= 0
}

// topLevel are the last labels that a name without a port is taken for a host
// by: common domains and those of private networks. Endings that are those of
// files as well (sh, py, md, rs, zip) are left out.
var topLevel = wordSet(`com org net edu gov mil int info biz io dev app cloud ai co me tv
	de at ch li fr be nl lu es pt it uk ie eu us ca mx ar br cl pe au nz jp cn in kr ru ua cz sk hu ro bg gr se no dk fi ee lv lt si hr rs tr il za sg hk tw
	local localhost localdomain lan internal intranet home corp test example invalid arpa onion
	chat im social online site store tech xyz systems network services team works zone`)
