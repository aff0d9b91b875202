package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// jid reports what stands as name@domain: an e-mail address and a person, or a
// room.
func (r *Recognizer) jid(s *scratch, start, end int) bool {
	text := strings.TrimLeft(s.text[start:end], "[*_~:.#`")
	for _, scheme := range [...]string{"mailto:", "xmpp:", "tel:", "sip:"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			text = text[len(scheme):]
		}
	}
	start = end - len(text)
	at := strings.IndexByte(text, '@')
	if at <= 0 || !isLocal(text[:at]) {
		return false
	}
	domain := text[at+1:]
	resource := strings.IndexByte(domain, '/')
	if resource >= 0 {
		domain = domain[:resource]
	}
	whole := domain
	domain = strings.TrimRight(domain, ".:-]*_~`")
	if n := strings.IndexByte(domain, ':'); n >= 0 { // user@host:path
		domain = domain[:n]
	}
	if !isDomain(domain) {
		return false
	}
	bare := start + at + 1 + len(domain)
	end = bare
	if resource >= 0 && len(domain) == len(whole) && bare+1 < start+len(text) {
		end = start + len(strings.TrimRight(text, ".:]*`"))
	}
	s.own(start, end)
	r.reportJID(s, start, bare, end)
	return true
}

func (r *Recognizer) reportJID(s *scratch, start, bare, end int) {
	jid := s.text[start:bare]
	at := strings.IndexByte(jid, '@')
	local, domain := jid[:at], jid[at+1:]
	kind := KindPerson
	if r.isRoomDomain(domain) {
		kind = KindRoom
	}
	known, ok := r.resolveName(s, KindRoom, jid)
	if ok {
		kind = KindRoom
	} else if known, ok = r.resolveName(s, kind, jid); !ok {
		known = lower(jid)
	}
	if e := s.add(kind, start, end, known); e != nil {
		e.Known = ok
	}
	if strings.IndexByte(domain, '.') > 0 && isMailLocal(local) && end == bare {
		mail := jid
		if hasUpper(domain) {
			mail = local + "@" + lower(domain)
		}
		s.add(KindEmail, start, bare, mail)
	}
	// A known name of another kind may look like a JID too; names finds it.
}

// isRoomDomain reports whether JIDs of a domain are rooms.
func (r *Recognizer) isRoomDomain(domain string) bool {
	for _, d := range r.roomDomains {
		if strings.EqualFold(d, domain) {
			return true
		}
	}
	label, _, _ := strings.Cut(domain, ".")
	for _, l := range [...]string{"conference", "muc", "room", "rooms"} {
		if strings.EqualFold(label, l) {
			return true
		}
	}
	return false
}

// isLocal reports whether s may be the part of a JID before the @ (RFC 7622,
// 3.3): letters and digits of any script and what people use beside them.
func isLocal(s string) bool {
	if len(s) > 255 || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for _, r := range s {
		if r < utf8.RuneSelf {
			if !isWordByte(byte(r)) && strings.IndexByte(".-+%\\$~", byte(r)) < 0 {
				return false
			}
		} else if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return false
		}
	}
	return true
}

// isMailLocal reports whether s may be the part of an e-mail address before the
// @ (RFC 5321, dot-string of ASCII).
func isMailLocal(s string) bool {
	if len(s) > 64 || strings.Contains(s, "..") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] == '\\' {
			return false
		}
	}
	return true
}

// isDomain reports whether s is a host's name or an IPv4 address.
func isDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	label := 0
	for i, r := range s {
		switch {
		case r == '.':
			if label == 0 || s[i-1] == '-' {
				return false
			}
			label = 0
			continue
		case r == '-':
			if label == 0 {
				return false
			}
		case r < utf8.RuneSelf && isWordByte(byte(r)) && r != '_':
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return false
		}
		label++
	}
	return label > 0 && s[len(s)-1] != '-'
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// handles reports @nick and #room. Known names are left to the gazetteers,
// which know them by more spellings.
func (r *Recognizer) handles(s *scratch) {
	for i := range s.atoms {
		a := &s.atoms[i]
		if a.class != mark || i+1 >= len(s.atoms) || s.atoms[i+1].before != glued || s.atoms[i+1].class == mark {
			continue
		}
		c := s.text[a.start]
		if c != '@' && c != '#' || a.before == glued && s.atoms[i-1].class != mark || a.before != glued && a.before != spaced && a.before != parted {
			continue
		}
		start, end := int(a.start), handleEnd(s.text, int(a.end))
		kind := KindPerson
		if c == '#' {
			kind = KindRoom
			if s.atoms[i+1].class != letters {
				continue // #3 is a number
			}
		}
		if a.owner > 0 || s.atoms[i+1].owner > 0 {
			continue
		}
		if proper, ok := r.resolveName(s, kind, s.text[start+1:end]); ok {
			s.add(kind, start, end, proper)
			s.own(start, end)
		} else if !s.knownFrom(kind, i+1, end) {
			if e := s.add(kind, start, end, lower(s.text[start:end])); e != nil {
				e.Known = false
			}
			s.own(start, end)
		}
	}
}

// knownFrom reports whether a known name begins at atom i that goes on after
// byte end: "@John Doe".
func (s *scratch) knownFrom(kind string, i, end int) bool {
	a := s.live.of(kind)
	if a == nil {
		return false
	}
	at := int32(0)
	for ; i < len(s.atoms); i++ {
		sym, ok := a.symbols[string(s.word(i))]
		if !ok {
			return false
		}
		if at, ok = a.next[edge(at, sym)]; !ok {
			return false
		}
		if a.states[at].first >= 0 && int(s.atoms[i].end) > end {
			return true
		}
	}
	return false
}

// handleEnd returns where the nick or the room's name ends that begins at i.
func handleEnd(text string, i int) int {
	end := i
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if c := classify(r); c == isLetter || c == isDigit {
			end = i + n
		} else if r != '-' && r != '_' && r != '.' {
			break
		}
		i += n
	}
	return end
}
