package entity

import (
	"strings"
	"unicode/utf8"

	"dragoman/nlu"
)

// quotation is a quoted run and what stands in it.
type quotation struct{ outer, inner span }

// quoted reports what stands in quotation marks, as nlu.Scanner reads them,
// without white space at its ends: « bonjour » is bonjour.
func quoted(s *scratch) {
	s.quotes = s.quotes[:0]
	sc := nlu.NewScanner(s.text, 0)
	for len(s.quotes) < MaxEntities {
		w, ok := sc.Next()
		if !ok {
			return
		}
		if !w.Quoted {
			continue
		}
		start := w.Start
		if w.Key != "" {
			start += len(w.Key) + len("=")
		}
		inner := trimSpan(s.text, innerSpan(s.text, start, w.End))
		s.quotes = append(s.quotes, quotation{span{start, w.End}, inner})
		if text := strings.TrimSpace(w.Text); text != "" {
			s.add(KindQuoted, start, w.End, text)
		}
	}
}

// innerSpan returns a quoted run without the mark at each end.
func innerSpan(text string, start, end int) span {
	_, n := utf8.DecodeRuneInString(text[start:])
	_, m := utf8.DecodeLastRuneInString(text[:end])
	if start+n > end-m {
		return span{start, start}
	}
	return span{start + n, end - m}
}

func trimSpan(text string, s span) span {
	inner := text[s.start:s.end]
	left := strings.TrimLeft(inner, " \t\n\r\u00a0\u202f")
	right := strings.TrimRight(left, " \t\n\r\u00a0\u202f")
	start := s.start + len(inner) - len(left)
	return span{start, start + len(right)}
}

// quoteAround returns the quoted run whose whole content is the text from start
// to end, or an empty span.
func (s *scratch) quoteAround(start, end int) span {
	for _, q := range s.quotes {
		if q.inner.start == start && q.inner.end == end {
			return q.outer
		}
	}
	return span{}
}
