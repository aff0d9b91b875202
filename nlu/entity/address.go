package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// addresses reports URLs, e-mail addresses, JIDs and hosts. It looks at the
// text in chunks between white space and brackets.
func (r *Recognizer) addresses(s *scratch) {
	for i := 0; i < len(s.text); {
		start, end := nextChunk(s.text, i)
		if start == end {
			return
		}
		i = end
		switch {
		case strings.IndexByte(s.text[start:end], ':') >= 0 && s.url(start, end):
			for i < len(s.text) && s.owned[len(s.owned)-1].end > i { // a URL may have brackets
				i = s.owned[len(s.owned)-1].end
			}
		case strings.IndexByte(s.text[start:end], '@') > 0 && r.jid(s, start, end):
		default:
			s.host(start, end)
		}
	}
	r.handles(s)
}

// nextChunk returns the next part of text from byte i on that has no white
// space, comma, bracket or quotation mark. Both are equal at the end.
func nextChunk(text string, i int) (int, int) {
	start := -1
	for i < len(text) {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if partsChunks(r) {
			if start >= 0 {
				return start, i
			}
		} else if start < 0 {
			start = i
		}
		i += n
	}
	if start < 0 {
		return i, i
	}
	return start, i
}

func partsChunks(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', ',', ';', '(', ')', '<', '>', '{', '}', '"', '|', '“', '”', '„', '«', '»', '‹', '›', '‘', '\'', '!', '?', '¿', '¡', '…', '=', '’':
		return true
	}
	return r >= utf8.RuneSelf && unicode.IsSpace(r)
}

// maxURL is the longest URL in bytes that is reported.
const maxURL = 2048

// url reports the URL in the chunk. A URL goes on to the next white space; the
// marks that end a sentence are none of it.
func (s *scratch) url(start, end int) bool {
	colon := strings.Index(s.text[start:end], ":")
	scheme := s.text[start : start+colon]
	if !isScheme(scheme) {
		return false
	}
	for end < len(s.text) && endsURL[s.text[end]] == 0 && !startsSpaceOrQuote(s.text[end:]) {
		_, n := utf8.DecodeRuneInString(s.text[end:])
		end += n
	}
	if end-start > maxURL {
		s.own(start, end) // nobody wrote this for a bot
		return true
	}
	end = start + max(colon+1, len(trimURL(s.text[start:end])))
	rest := s.text[start+colon+1 : end]
	authority := strings.HasPrefix(rest, "//")
	if !authority && !opaqueScheme(scheme) || strings.TrimLeft(rest, "/") == "" {
		return false
	}
	s.own(start, end)
	s.add(KindURL, start, end, canonURL(s.text[start:end], colon, authority))
	return true
}

// endsURL holds the ASCII characters that no URL has.
var endsURL = [256]uint8{' ': 1, '\t': 1, '\n': 1, '\r': 1, '\v': 1, '\f': 1, '<': 1, '>': 1, '"': 1, '|': 1, '{': 1, '}': 1, '`': 1, '\\': 1, '^': 1}

func startsSpaceOrQuote(text string) bool {
	if text[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text)
	switch r {
	case '“', '”', '„', '«', '»', '‹', '›', '‘', '’', '…', utf8.RuneError:
		return true
	}
	return unicode.IsSpace(r)
}

// opaqueScheme reports whether what follows scheme: needs no //.
func opaqueScheme(scheme string) bool {
	return strings.EqualFold(scheme, "xmpp") || strings.EqualFold(scheme, "geo") || strings.EqualFold(scheme, "urn")
}

// isScheme reports whether s may be the scheme of a URI (RFC 3986, 3.1), and is
// longer than the drive of a Windows path.
func isScheme(s string) bool {
	if len(s) < 2 || len(s) > 16 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if !('a' <= c && c <= 'z') && (i == 0 || !('0' <= s[i] && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.')) {
			return false
		}
	}
	return true
}

// trimURL cuts the marks that end a sentence, and a bracket that was opened
// before the URL.
func trimURL(u string) string {
	for {
		t := nlu.TrimEnd(u)
		t = strings.TrimRight(t, "'*_~")
		for _, pair := range []string{"()", "[]"} {
			if strings.HasSuffix(t, pair[1:]) && strings.Count(t, pair[1:]) > strings.Count(t, pair[:1]) {
				t = t[:len(t)-1]
			}
		}
		if len(t) == len(u) {
			return t
		}
		u = t
	}
}

// canonURL returns u with scheme and host in small letters.
func canonURL(u string, colon int, authority bool) string {
	to := colon
	if authority {
		to = colon + 3
		for to < len(u) && u[to] != '/' && u[to] != '?' && u[to] != '#' {
			to++
		}
		if at := strings.LastIndexByte(u[:to], '@'); at > colon { // who logs in keeps his case
			return lower(u[:colon]) + u[colon:at] + lower(u[at:to]) + u[to:]
		}
	}
	if !hasUpper(u[:to]) {
		return u
	}
	return lower(u[:to]) + u[to:]
}

func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' || s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func lower(s string) string {
	if !hasUpper(s) {
		return s
	}
	return nlu.Fold(s)
}
