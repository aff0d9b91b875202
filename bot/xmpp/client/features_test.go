package client

import (
	"slices"
	"strings"
	"testing"

	"dragoman/bot/xmpp/stream"
)

func readElement(t testing.TB, xml string) (*stream.Element, error) {
	t.Helper()
	r := stream.NewReader(strings.NewReader(header(testDomain)+xml), beforeLogin)
	if _, err := r.Header(); err != nil {
		t.Fatal(err)
	}
	return r.Next()
}

func TestFeaturesAreRead(t *testing.T) {
	e, err := readElement(t, "<stream:features>"+tlsOffer+mechanisms("SCRAM-SHA-1", " PLAIN\n", "PLAIN", "no such", "lower", "", "A-NAME-THAT-IS-TOO-LONG")+
		"<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>"+
		bindOffer+"<sm xmlns='urn:xmpp:sm:2'/>"+smOffer+"<mechanisms xmlns='else'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>")
	if err != nil {
		t.Fatal(err)
	}
	f, err := parseFeatures(e)
	if err != nil {
		t.Fatal(err)
	}
	if !f.startTLS || !f.bind || !f.sm || !f.listed || !slices.Equal(f.mechanisms, []string{"SCRAM-SHA-1", "PLAIN"}) ||
		!slices.Equal(f.bindings, []string{"tls-exporter"}) {
		t.Errorf("features = %+v", f)
	}
	if _, err := parseFeatures(stream.New(stream.NSClient, "features")); err == nil {
		t.Error("an element in another namespace passed for features")
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add(tlsOffer + mechanisms("SCRAM-SHA-1", "PLAIN") + bindOffer + smOffer)
	f.Add("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/></sasl-channel-binding>" + mechanisms("SCRAM-SHA-256-PLUS"))
	f.Fuzz(func(t *testing.T, offer string) {
		e, err := readElement(t, "<stream:features>"+offer+"</stream:features>")
		if err != nil {
			return
		}
		got, err := parseFeatures(e)
		if err != nil {
			return
		}
		if len(got.mechanisms) > maxListed || len(got.bindings) > maxListed {
			t.Fatalf("%d mechanisms, %d bindings", len(got.mechanisms), len(got.bindings))
		}
		for _, m := range got.mechanisms {
			if !isMechanism(m) || !strings.Contains(offer, m) && !strings.Contains(offer, "&") && !strings.Contains(offer, "CDATA") {
				t.Fatalf("mechanism %q out of %q", m, offer)
			}
		}
		if c, err := choose(got, nil, false); err == nil && (c.hash == nil || c.binding.IsSupported()) {
			t.Fatalf("chose %+v without TLS and without permission for PLAIN", c.mechanism)
		}
	})
}

func TestPrintableIsOneShortLine(t *testing.T) {
	got := printable("a\x1b[31mb\nc\u202e" + strings.Repeat("é", 500))
	if strings.ContainsAny(got, "\x1b\n\u202e") || len(got) > 220 || !strings.HasPrefix(got, "a [31mb c ") {
		t.Errorf("printable = %q", got)
	}
}
