package xmpp

import (
	"bytes"
	"encoding/json"
	"testing"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// FuzzParcel sends any parcel through XML and back. What is not refused arrives
// as it was.
func FuzzParcel(f *testing.F) {
	f.Add("1", "issues.translate", "0", `{"text":"a<b>&\"'"}`)
	f.Add("\uFFFE", "k", "", "1")
	f.Add("a\tb", "k\x00", "\x01", "1")
	f.Add("1", "k", "", "\"\uFFFF\\uFFFF\x80\u0085\u2028\x7f\"")
	f.Add("1", "k", "", " [ 1 ,\r\n\t2 ] ")
	f.Add("1", "k", "", "{\"\uFFFE\":null}")
	t := New(Config{Main: stream.MustParse("dragoman@bot.chat.local"), WholeDomain: true})
	f.Fuzz(func(tt *testing.T, id, kind, after, body string) {
		out := bot.Outgoing{Destination: bot.Destination{To: "there@b.example"}, Parcel: &bot.Parcel{ID: id, Kind: kind, Body: json.RawMessage(body)}}
		iq, err := t.wrap(out, after)
		if err != nil {
			return
		}
		read := readOne(string(iq.SetAttr("id", "i").AppendXML(nil, stream.NSComponent)))
		if read == nil {
			tt.Fatalf("not readable: %s", iq)
		}
		d, err := t.unwrap(read, read.Child(nsParcel, "parcel"))
		if len(after) > maxParcelID {
			return
		}
		if err != nil {
			tt.Fatalf("what was sent is refused: %v", err)
		}
		if d.parcel.ID != id || d.parcel.Kind != kind || d.parcel.From != "dragoman@bot.chat.local" || d.parcel.To != "there@b.example" {
			tt.Errorf("%q of kind %q arrives as %+v", id, kind, d.parcel)
		}
		var was, is any
		if json.Unmarshal([]byte(body), &was) == nil && json.Unmarshal(d.parcel.Body, &is) == nil {
			a, _ := json.Marshal(was)
			b, _ := json.Marshal(is)
			if !bytes.Equal(a, b) {
				tt.Errorf("the body %s arrives as %s", a, b)
			}
		}
	})
}
