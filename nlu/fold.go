package nlu

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form of s that is compared: NFC, full case folding, without
// format characters (zero-width, bidi controls, soft hyphens), with every
// apostrophe as ' and every hyphen as -. Two texts that a person takes for the same have the same
// Fold; accents count.
func Fold(s string) string {
	var buf [64]byte
	return string(AppendFold(buf[:0], s))
}

// AppendFold appends Fold(s) to dst. It allocates nothing for ASCII and the
// usual letters of the Latin languages when dst has room.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case isApostrophe(r):
			dst = append(dst, '\'')
		case isPlainHyphen(r):
			dst = append(dst, '-')
		case foldsToLower(r):
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		case r == 'ß' || r == 'ẞ':
			dst = append(dst, "ss"...)
		default:
			// Something may combine with its neighbours: the whole text goes
			// the long way.
			return appendFoldSlow(dst[:start], s)
		}
		i += n
	}
	return dst
}

// appendFoldSlow is AppendFold for any text. Format characters go first, so
// that none can keep two characters from combining.
func appendFoldSlow(dst []byte, s string) []byte {
	b := make([]byte, 0, len(s)+8)
	for _, r := range s {
		if !unicode.Is(unicode.Cf, r) {
			b = utf8.AppendRune(b, r)
		}
	}
	// NFD before folding is Unicode's canonical caseless match (D145): some
	// letters fold differently when their marks are taken apart.
	b = norm.NFC.Bytes(cases.Fold().Bytes(norm.NFD.Bytes(b)))
	for len(b) > 0 { // after folding, which makes an apostrophe of ŉ
		r, n := utf8.DecodeRune(b)
		switch {
		case isApostrophe(r):
			dst = append(dst, '\'')
		case isPlainHyphen(r):
			dst = append(dst, '-')
		default:
			dst = utf8.AppendRune(dst, foldCherokee(r))
		}
		b = b[n:]
	}
	return dst
}

// foldCherokee returns the capital of a small Cherokee letter, which is what
// Unicode folds that script to. Package cases swaps the two instead, so that a
// capital and a small letter would never be equal.
func foldCherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 8
	}
	return r
}

// foldsToLower reports whether folding r is just ToLower and nothing can
// combine with it into another character except a mark, which takes the long
// way. It is true for Latin-1 letters and Latin Extended-A and -B with a few
// exceptions whose folding is several characters or another script.
func foldsToLower(r rune) bool {
	switch r {
	case 'ß', '×', '÷', 'İ', 'ŉ', 'ſ', 'ǰ':
		return false
	}
	return 'À' <= r && r <= 'ɏ'
}

func isApostrophe(r rune) bool {
	switch r {
	case '’', '‘', 'ʼ', '＇':
		return true
	}
	return false
}

// isPlainHyphen reports whether r is a hyphen and never a dash or a minus.
func isPlainHyphen(r rune) bool { return r == '\u2010' || r == '\u2011' }

// isHyphen reports whether r joins the words of a name, as in "get-status". A
// phone types other hyphens than a keyboard.
func isHyphen(r rune) bool {
	switch r {
	case '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
		return true
	}
	return false
}

// AppendKey appends the form under which a name is looked up: Fold(s) with
// hyphens and runs of white space as one space each, and none at the ends.
// "Get-Status" and "get  status" have the same key.
func AppendKey(dst []byte, s string) []byte {
	return appendKey(dst, s, isSpaceOrHyphen)
}

// Key returns the form under which the name of a command is looked up; see
// AppendKey.
func Key(s string) string {
	var buf [64]byte
	return string(AppendKey(buf[:0], s))
}

func isSpaceOrHyphen(r rune) bool { return unicode.IsSpace(r) || isHyphen(r) }

// appendKey folds s onto dst and turns runs of what joins into single spaces.
func appendKey(dst []byte, s string, joins func(rune) bool) []byte {
	start := len(dst)
	dst = AppendFold(dst, s)
	w, gap := start, false
	for i := start; i < len(dst); {
		r, n := rune(dst[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(dst[i:])
		}
		if joins(r) {
			gap = w > start
		} else {
			if gap {
				dst[w] = ' '
				w++
				gap = false
			}
			w += copy(dst[w:], dst[i:i+n])
		}
		i += n
	}
	return dst[:w]
}

// Compose returns s in NFC without allocating where it already is.
func Compose(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(s)
		}
	}
	return s
}
