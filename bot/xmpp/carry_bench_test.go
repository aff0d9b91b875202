package xmpp_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// obliging is a Connector to a server that answers every IQ and takes the rest.
type obliging struct{}

func (obliging) Connect(context.Context) (*xmpp.Link, error) {
	near, far := net.Pipe()
	in, err := reader(near)
	if err != nil {
		return nil, err
	}
	out := make(chan []byte, 100_000)
	go func() {
		defer close(out)
		r, err := reader(far)
		for err == nil {
			var e *stream.Element
			if e, err = r.Next(); err == nil && e.Local == "iq" {
				out <- stream.ResultReply(e).AppendXML(nil, stream.NSComponent)
			}
		}
		out <- []byte(stream.CloseTag)
	}()
	go func() {
		defer far.Close()
		var all bytes.Buffer
		for b := range out {
			for all.Write(b); len(out) > 0 && all.Len() < 32<<10; {
				all.Write(<-out)
			}
			if _, err := far.Write(all.Bytes()); err != nil {
				for range out { // until the bot has hung up
				}
				return
			}
			all.Reset()
		}
	}()
	return &xmpp.Link{Conn: near, Reader: in}, nil
}

// BenchmarkCarry carries 10,000 messages in each round: in batches of 32 to one
// person, one each to 10,000 people by 1,024 workers, and parcels to one
// machine.
func BenchmarkCarry(b *testing.B) {
	const many, size, workers = 10_000, 32, 1024
	ids := numbered("m", many)
	for name, run := range map[string]func(ctx context.Context, wire *xmpp.Transport){
		"to-one": func(ctx context.Context, wire *xmpp.Transport) {
			for i := 0; i < many; i += size {
				var batch []bot.Outgoing
				for _, id := range ids[i:min(i+size, many)] {
					batch = append(batch, direct(johnJID, id, "machine1 has gone down."))
				}
				arrived(b, wire.Carry(ctx, batch))
			}
		},
		"to-many": func(ctx context.Context, wire *xmpp.Transport) {
			next := make(chan string)
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for id := range next {
						arrived(b, wire.Carry(ctx, []bot.Outgoing{direct(id+"@chat.local", id, "machine1 has gone down.")}))
					}
				})
			}
			for _, id := range ids {
				next <- id
			}
			close(next)
			wg.Wait()
		},
		"parcels": func(ctx context.Context, wire *xmpp.Transport) {
			for i := 0; i < many; i += size {
				var batch []bot.Outgoing
				for _, id := range ids[i:min(i+size, many)] {
					batch = append(batch, parcel("there@b.example", id, `{"text":"machine1 has gone down."}`))
				}
				arrived(b, wire.Carry(ctx, batch))
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			wire := xmpp.New(xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Nick: "dragoman", Connector: obliging{}})
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- wire.Run(ctx, deaf{}) }()
			if err := wire.Await(ctx); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				run(ctx, wire)
			}
			b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "messages/s")
			cancel()
			<-ended
		})
	}
}

func arrived(b *testing.B, fates []bot.Fate) {
	for _, f := range fates {
		if f.State != bot.Arrived {
			b.Error(fmt.Sprint(fateName(f.State), ": ", f.Err))
		}
	}
}
