package stream

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// malformedInputs is what breaks a stream wherever it stands inside an element.
var malformedInputs = map[string]string{
	"<!-- comment -->":             RestrictedXML,
	"<!---->":                      RestrictedXML,
	"<!DOCTYPE a>":                 RestrictedXML,
	"<!DOCTYPE a [<!ENTITY b 'c'>": RestrictedXML,
	"<!ENTITY a 'b'>":              RestrictedXML,
	"<?php echo ?>":                RestrictedXML,
	"<?xml version='1.0'?>":        RestrictedXML,
	"&bogus;":                      RestrictedXML,
	"&nbsp;":                       RestrictedXML,
	"<a>&x;</a>":                   RestrictedXML,
	"<a b='&x;'/>":                 RestrictedXML,
	"<a b='1' b='2'/>":             NotWellFormed,
	"<a b='1' b='1'></a>":          NotWellFormed,
	"<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>":        NotWellFormed,
	"<a xmlns='u' xmlns='v'/>":                            NotWellFormed,
	"<a xmlns:x='u' xmlns:x='u'/>":                        NotWellFormed,
	"<x:a/>":                                              NotWellFormed,
	"<a x:b='1'/>":                                        NotWellFormed,
	"<a><b xmlns:x='u'/><x:c/></a>":                       NotWellFormed,
	"<a xmlns:x=''/>":                                     NotWellFormed,
	"<a xmlns:xml='u'/>":                                  NotWellFormed,
	"<a xmlns:xmlns='u'/>":                                NotWellFormed,
	"<a xmlns='http://www.w3.org/2000/xmlns/'/>":          NotWellFormed,
	"<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>": NotWellFormed,
	"<xmlns:a/>":                                          NotWellFormed,
	"<a xmlns:='u'/>":                                     NotWellFormed,
	"<a xmlns:1='u'/>":                                    NotWellFormed,
	"<:a/>":                                               NotWellFormed,
	"<a:/>":                                               NotWellFormed,
	"<a :b='1'/>":                                         NotWellFormed,
	"<a b:='1'/>":                                         NotWellFormed,
	"<a xmlns:b='u' b:c:d='1'/>":                          NotWellFormed,
	"<stream:-a/>":                                        NotWellFormed,
	"<stream:1/>":                                         NotWellFormed,
	"<1a/>":                                               NotWellFormed,
	"<-a/>":                                               NotWellFormed,
	"<a\u00d7/>":                                          NotWellFormed,
	"<a$/>":                                               NotWellFormed,
	"<a 1b=''/>":                                          NotWellFormed,
	"<a b></a>":                                           NotWellFormed,
	"<a b=c></a>":                                         NotWellFormed,
	"<a b='1'c='2'/>":                                     NotWellFormed,
	"<a b='1'' />":                                        NotWellFormed,
	"<a ='1'/>":                                           NotWellFormed,
	"<a b=='1'/>":                                         NotWellFormed,
	"<a b='<'/>":                                          NotWellFormed,
	"<a b='1' <c/>":                                       NotWellFormed,
	"<a/ >":                                               NotWellFormed,
	"<a//>":                                               NotWellFormed,
	"<a/b>":                                               NotWellFormed,
	"< a/>":                                               NotWellFormed,
	"<>":                                                  NotWellFormed,
	"<<a/>":                                               NotWellFormed,
	"</>":                                                 NotWellFormed,
	"</ a>":                                               NotWellFormed,
	"<a></b>":                                             NotWellFormed,
	"<a></A>":                                             NotWellFormed,
	"<a></a b='1'>":                                       NotWellFormed,
	"<a></a/>":                                            NotWellFormed,
	"<a></a<b/>":                                          NotWellFormed,
	"<a><b></a></b>":                                      NotWellFormed,
	"<x:a xmlns:x='u'></a>":                               NotWellFormed,
	"<x:a xmlns:x='u' xmlns:y='u'></y:a>":                 NotWellFormed,
	"]]>":                                                 NotWellFormed,
	"<![CDATE[]]>":                                        NotWellFormed,
	"<![cdata[]]>":                                        NotWellFormed,
	"<![ CDATA[]]>":                                       NotWellFormed,
	"& ":                                                  NotWellFormed,
	"&amp":                                                NotWellFormed,
	"&;":                                                  NotWellFormed,
	"&#;":                                                 NotWellFormed,
	"&#x;":                                                NotWellFormed,
	"&#xg;":                                               NotWellFormed,
	"&#0;":                                                NotWellFormed,
	"&#x1b;":                                              NotWellFormed,
	"&#xFFFE;":                                            NotWellFormed,
	"&#x110000;":                                          NotWellFormed,
	"&#99999999999999999999;":                             NotWellFormed,
	"<a b='&#0;'/>":                                       NotWellFormed,
	"\x00":                                                NotWellFormed,
	"\x07":                                                NotWellFormed,
	"\x1b[31m":                                            NotWellFormed,
	"\uFFFE":                                              NotWellFormed,
	"<a b='\x01'/>":                                       NotWellFormed,
	"<![CDATA[\x01]]>":                                    NotWellFormed,
	"\xff":                                                UnsupportedEncoding,
	"\xc3(":                                               UnsupportedEncoding,
	"\xc0\xaf":                                            UnsupportedEncoding,
	"\xed\xa0\x80":                                        UnsupportedEncoding,
	"\xf5\x80\x80\x80":                                    UnsupportedEncoding,
	"<a b='\xff'/>":                                       UnsupportedEncoding,
	"<a\xff/>":                                            UnsupportedEncoding,
	"<![CDATA[\xff]]>":                                    UnsupportedEncoding,
}

// places are where a stranger may put it.
var places = []string{
	"<message>%</message>",
	"<message><body>%</body></message>",
	"<iq type='get' id='1'><query xmlns='u'>text%text</query></iq>",
	"<presence xml:lang='de'><c xmlns='u'/>%</presence>",
	"<message/><message><body/>%<body/></message>",
	"<message>" + "<a xmlns='u'><b c='d'><![CDATA[<e>]]>" + "%" + "</b></a></message>",
}

func TestMalformedInputEndsTheStreamWithItsCondition(t *testing.T) {
	n := 0
	for bad, want := range malformedInputs {
		for _, place := range places {
			body := strings.Replace(place, "%", bad, 1)
			r := open(t, clientHeader, body+"<presence/>", DefaultLimits())
			var err error
			for err == nil {
				_, err = r.Next()
			}
			broken := (*Error)(nil)
			if !errors.As(err, &broken) || broken.Condition != want || broken.Received {
				t.Errorf("%q: %v, want %s", body, err, want)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("%q: the reader went on after a fatal error: %v", body, again)
			}
			n++
		}
	}
	if n < 500 {
		t.Errorf("only %d malformed inputs", n)
	}
}

func TestMalformedBetweenStanzas(t *testing.T) {
	for bad, want := range map[string]string{
		"text": BadFormat, "&amp;": BadFormat, "\x00": BadFormat, "\xef\xbb\xbf": BadFormat, ">": BadFormat,
		"<!-- -->": RestrictedXML, "<?xml version='1.0'?>": RestrictedXML, "<!DOCTYPE a>": RestrictedXML, "<![CDATA[a]]>": RestrictedXML,
		"</message>": NotWellFormed, "</stream>": NotWellFormed, "</stream:streams>": NotWellFormed, "</>": NotWellFormed,
		"</" + strings.Repeat("a", 1000): NotWellFormed, "< ": NotWellFormed,
	} {
		r := open(t, clientHeader, "<message/>"+bad+"<presence/>", DefaultLimits())
		_, err := r.Next()
		if err == nil {
			_, err = r.Next()
		}
		if broken := (*Error)(nil); !errors.As(err, &broken) || broken.Condition != want {
			t.Errorf("%q: %v, want %s", bad, err, want)
		}
	}
}

// Every way to damage one byte of a stanza, and to cut it short, ends in an
// error or in a stanza, never in a panic, and never in more stanzas than came.
func TestDamagedBytes(t *testing.T) {
	damage := []string{"", "<", ">", "/", "'", "&", "\x00", "\xff", "]", ":", " ", "<!--", "<![CDATA["}
	for i := range len(typical) {
		for _, d := range damage {
			body := typical[:i] + d + typical[i+1:]
			r := open(t, clientHeader, body+typical+CloseTag, DefaultLimits())
			n := 0
			var err error
			for ; err == nil; n++ {
				_, err = r.Next()
			}
			broken := (*Error)(nil)
			if n > 3 || err != io.EOF && err != io.ErrUnexpectedEOF && !errors.As(err, &broken) {
				t.Fatalf("%q: %d elements, then %v", body, n-1, err)
			}
		}
		if _, err := open(t, clientHeader, typical[:i], DefaultLimits()).Next(); err != io.ErrUnexpectedEOF {
			t.Fatalf("%q: %v, want io.ErrUnexpectedEOF", typical[:i], err)
		}
	}
}

func TestAnErrorQuotesLittleOfThePeer(t *testing.T) {
	_, err := open(t, clientHeader, "<a>&#"+strings.Repeat("1", 100_000)+";</a>", DefaultLimits()).Next()
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}
