package stream

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestBeyondTheLimits(t *testing.T) {
	x, head := strings.Repeat, "<message from='a@b' id='1'"
	known := New(NSClient, "message").SetAttr("from", "a@b").SetAttr("id", "1")
	for name, tc := range map[string]struct {
		stanza string
		why    string
		header *Element
	}{
		"1 MiB of text":                  {head + "><body>" + x("x", 1<<20) + "</body></message>", whyBytes, known},
		"1 MiB of CDATA":                 {head + "><![CDATA[" + x("]>", 1<<19) + "]]></message>", whyBytes, known},
		"10,000 levels":                  {head + ">" + x("<a>", 10_000) + x("</a>", 10_000) + "</message>", whyDepth, known},
		"one level too many":             {head + ">" + x("<a>", 63) + "<b/>" + x("</a>", 63) + "</message>", whyDepth, known},
		"giant attribute of a child":     {head + "><a b='" + x("x", 1<<20) + "'/></message>", whyBytes, known},
		"giant attribute of the stanza":  {head + " c='" + x("x", 1<<20) + "'/>", whyBytes, nil},
		"megabytes of attributes":        {head + x(" c='d'", 500_000) + "/>", whyAttrs, nil},
		"megabytes of attributes, child": {head + "><a" + x(" c='d'", 500_000) + "/></message>", whyAttrs, known},
		"huge name":                      {"<" + x("n", 1<<20) + "/>", whyBytes, nil},
		"huge name of a child":           {head + "><" + x("n", 1<<20) + "/></message>", whyBytes, known},
		"huge end tag":                   {head + "><n></n" + x(" ", 1<<20) + "></message>", whyBytes, known},
		"65 attributes of a child":       {head + "><a" + attrs(65) + "/></message>", whyAttrs, known},
		"quotes and brackets in it":      {head + `><a b="/>'>` + x("&gt;", 1<<18) + `">]]></a></message>`, whyBytes, known},
		"one byte too many":              {head + ">" + x("x", 256<<10-len(head)-1-len("</message>")+1) + "</message>", whyBytes, known},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, clientHeader, tc.stanza+"<presence/>", DefaultLimits())
			_, err := r.Next()
			big, ok := err.(*TooBig)
			if !ok || big.Why != tc.why || !big.Header.Equal(tc.header) || big.Error() == "" {
				t.Fatalf("%v, want TooBig with %v", err, tc.header)
			}
			if e, err := r.Next(); err != nil || !e.Equal(New(NSClient, "presence")) {
				t.Errorf("the stream did not go on: %v, %v", e, err)
			}
		})
	}
}

// attrs is n different attributes.
func attrs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	return b.String()
}

func TestOneStanzaWithTooManyAttributesIsStillKnown(t *testing.T) {
	for _, end := range []string{"/>", "><body/></message>"} {
		r := open(t, clientHeader, "<message id='7'"+attrs(64)+end+"<presence/>", DefaultLimits())
		_, err := r.Next()
		if big, ok := err.(*TooBig); !ok || big.Header.Attr("id") != "7" || len(big.Header.Attrs) != 65 {
			t.Fatalf("%v", err)
		}
		if e, err := r.Next(); err != nil || !e.Is(NSClient, "presence") {
			t.Errorf("the stream did not go on: %v, %v", e, err)
		}
	}
}

func TestJustWithinTheLimits(t *testing.T) {
	x := strings.Repeat
	for name, stanza := range map[string]string{
		"bytes":      "<a>" + x("x", 256<<10-7) + "</a>",
		"depth":      x("<a>", 64) + x("</a>", 64),
		"attributes": "<a" + attrs(64) + "/>",
	} {
		r := open(t, clientHeader, stanza+"<b/>", DefaultLimits())
		if e, err := r.Next(); err != nil || !e.Is(NSClient, "a") {
			t.Errorf("%s: %v", name, err)
		}
		if e, err := r.Next(); err != nil || !e.Is(NSClient, "b") {
			t.Errorf("%s: the stream did not go on: %v", name, err)
		}
	}
}

func TestWhatADrainedStanzaMayNotHide(t *testing.T) {
	for name, inner := range map[string]string{"comment": "<!-- -->", "instruction": "<?x?>", "document type": "<!DOCTYPE x>"} {
		r := open(t, clientHeader, "<a>"+strings.Repeat("x", 1<<20)+inner+"</a>", DefaultLimits())
		_, err := r.Next()
		if broken := (*Error)(nil); !errors.As(err, &broken) || broken.Condition != RestrictedXML {
			t.Errorf("%s: %v, want restricted-xml", name, err)
		}
	}
	r := open(t, clientHeader, "<a b='1' b='2'>"+strings.Repeat("x", 1<<20)+"</a>", DefaultLimits())
	_, err := r.Next()
	if broken := (*Error)(nil); !errors.As(err, &broken) || broken.Condition != NotWellFormed {
		t.Errorf("a header that cannot be parsed: %v", err)
	}
}

// repeat gives head, n bytes of unit over and over, then tail.
func repeat(head, unit string, n int, tail string) io.Reader {
	source := &endless{text: strings.Repeat(unit, 1+4096/len(unit))}
	return io.MultiReader(strings.NewReader(head), io.LimitReader(source, int64(n/len(unit)*len(unit))), strings.NewReader(tail))
}

func TestDrainingKeepsTheMemoryFlat(t *testing.T) {
	const size = 12 << 20
	for name, src := range map[string]io.Reader{
		"text":       repeat("<message id='1'><body>", "lorem ipsum ", 50<<20, "</body></message>"),
		"children":   repeat("<message id='1'>", "<a b='c'>d</a>", size, "</message>"),
		"attributes": repeat("<message id='1'><a ", "b='c' ", size, "/></message>"),
		"attribute":  repeat("<message id='1'><a b='", "c", size, "'/></message>"),
		"name":       repeat("<message id='1'><", "n", size, "/></message>"),
		"CDATA":      repeat("<message id='1'><![CDATA[", "]]", size, "]]></message>"),
		"depth":      io.MultiReader(repeat("<message id='1'>", "<a>", 3*10_000, ""), repeat("", "</a>", 4*10_000, "</message>")),
	} {
		t.Run(name, func(t *testing.T) {
			r := openFrom(t, io.MultiReader(strings.NewReader(clientHeader), src), DefaultLimits())
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := r.Next()
			runtime.ReadMemStats(&after)
			if big, ok := err.(*TooBig); !ok || big.Header.Attr("id") != "1" {
				t.Fatalf("%v, want TooBig", err)
			}
			// All that was ever allocated, garbage included: the buffer in its
			// steps up to twice the limit.
			if got := after.TotalAlloc - before.TotalAlloc; got > 2<<20 {
				t.Errorf("draining allocated %d KiB", got>>10)
			}
			if len(r.frame.buf) > keepBuffer {
				t.Errorf("a buffer of %d bytes stays", len(r.frame.buf))
			}
		})
	}
}

func TestALargeStanzaIsNotKept(t *testing.T) {
	body := "<a>" + strings.Repeat("x", 200<<10) + "</a>" // then nothing, so that the next read begins afresh
	r := openFrom(t, io.MultiReader(strings.NewReader(clientHeader+body), strings.NewReader("<b/>")), DefaultLimits())
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.frame.buf) > keepBuffer || cap(r.parse.text) > keepBuffer {
		t.Errorf("buffers of %d and %d bytes stay", len(r.frame.buf), cap(r.parse.text))
	}
}

func TestDeclarationsDoNotSlowDownWhatTheySurround(t *testing.T) {
	// A stanza of many declarations around many elements that resolve a name
	// must cost by its length, not by the product.
	var b strings.Builder
	b.WriteString("<x:a xmlns:x='u'>")
	for i := range 60 {
		b.WriteString("<x:a")
		for k := range 60 {
			fmt.Fprintf(&b, " xmlns:p%d='u'", i*60+k)
		}
		b.WriteString(">")
	}
	b.WriteString(strings.Repeat("<x:a/>", 20_000) + strings.Repeat("</x:a>", 61))
	r := open(t, clientHeader, b.String()+"<p1:a/>", DefaultLimits())
	e, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if n := count(e); n != 20_061 {
		t.Errorf("%d elements", n)
	}
	if _, err := r.Next(); err == nil {
		t.Error("a declaration outlived its element")
	}
	if len(r.parse.scope.prefixes) != 1 {
		t.Errorf("%d prefixes stay in force, want that of the header", len(r.parse.scope.prefixes))
	}
}

func count(e *Element) int {
	n := 1
	for c := range e.Elements() {
		n += count(c)
	}
	return n
}
