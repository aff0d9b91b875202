package classify

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// errands are a few examples, enough for a model to be a model.
func errands() []Example {
	var out []Example
	add := func(label string, texts ...string) {
		for _, t := range texts {
			out = append(out, Example{Text: t, Label: label})
		}
	}
	add("get-status", "what is the status of web1", "is web1 up", "how is the mail server doing", "is the database alive",
		"tell me whether db2 is running", "status of the proxy please", "show me how web1 is", "is web1 still down")
	add("subscribe", "subscribe me to web1", "tell me when web1 goes down", "I want to hear about changes to db2",
		"notify me when the proxy is back", "follow web1 for me", "keep me posted on the mail server",
		"send me a message when db2 changes", "watch web1 for me")
	add("list-events", "which events are there today", "list all meetings", "what is on the calendar", "show my appointments",
		"any meetings this afternoon", "what is planned for tomorrow", "show me the agenda", "list events")
	add("send-sms", "send a text to John", "text mary that I am late", "sms the office", "write a short message to 555-1234",
		"send an sms to my wife", "text the on-call engineer", "message bob by phone", "send a text message")
	return out
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := m.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo returned %d, %v for %d bytes", n, err, b.Len())
	}
	return b.Bytes()
}

func TestAStoredModelSaysTheSame(t *testing.T) {
	for name, o := range map[string]Options{"with refusal": {}, "without": {NoReject: true}} {
		t.Run(name, func(t *testing.T) {
			m := mustTrain(t, errands(), o)
			stored := encoded(t, m)
			// What follows a model belongs to somebody else.
			r := bytes.NewReader(append(bytes.Clone(stored), "and more"...))
			got, err := Read(r)
			if err != nil {
				t.Fatal(err)
			}
			if rest, _ := io.ReadAll(r); string(rest) != "and more" {
				t.Errorf("Read left %q, want what follows the model", rest)
			}
			for _, text := range []string{"is web1 up?", "text mary", "", "xyzzy", "what's planned today"} {
				if a, b := m.Classify(text, nil), got.Classify(text, nil); a != b {
					t.Errorf("%q: the model says %+v, the stored one %+v", text, a, b)
				}
			}
			if !bytes.Equal(encoded(t, got), stored) {
				t.Error("storing it again gives other bytes")
			}
			if got.Stats() != m.Stats() || got.Memory() != m.Memory() || got.Threshold() != m.Threshold() {
				t.Errorf("the stored model is of %+v, want %+v", got.Stats(), m.Stats())
			}
		})
	}
}

func TestADamagedModelIsAnError(t *testing.T) {
	good := encoded(t, mustTrain(t, errands(), Options{}))
	for i := 0; i < len(good); i += max(1, len(good)/500) {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if _, err := Read(bytes.NewReader(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("with byte %d changed Read says %v, want ErrFormat", i, err)
		}
		if _, err := Read(bytes.NewReader(good[:i])); !errors.Is(err, ErrFormat) {
			t.Errorf("of the first %d bytes Read says %v, want ErrFormat", i, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, io.ErrClosedPipe }
func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestErrorsOfTheDiskArePassedOn(t *testing.T) {
	if _, err := Read(failing{}); !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, ErrFormat) {
		t.Errorf("Read says %v, want the reader's error", err)
	}
	if _, err := mustTrain(t, errands(), Options{}).WriteTo(failing{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("WriteTo says %v, want the writer's error", err)
	}
}

// FuzzRead feeds the parser behind the checksum too, which no random bytes would
// ever reach. It needs -fuzzminimizetime 1x: making models smaller takes the engine
// all of its time.
func FuzzRead(f *testing.F) {
	good := encoded(f, mustTrain(f, []Example{{Text: "up", Label: "a"}, {Text: "go", Label: "b"}}, Options{}))
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Read(bytes.NewReader(b)); err == nil {
			m.Classify("is web1 up", nil)
		}
		d := decoder{b: b[min(len(b), headerSize):]}
		if m := d.model(); !d.bad {
			m.Classify("is web1 up", nil)
		}
	})
}
