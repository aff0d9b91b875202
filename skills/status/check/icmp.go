package check

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"dragoman/internal/clock"
)

const (
	icmpResend = time.Second
	icmpMTU    = 1500 // bytes; echo replies are far smaller
)

const icmpRemedy = "ping is not permitted here: allow it with sysctl net.ipv4.ping_group_range=\"0 2147483647\", or give the program CAP_NET_RAW"

// pinger sends ICMP echo requests. It is written on x/net/icmp because pro-bing
// v0.9.1, on the same package, does not end with its context: on a route that
// is prohibited its send loop spins for ever.
type pinger struct {
	host     string
	clock    clock.Clock
	resolver *net.Resolver
	// listen opens a socket, normally icmp.ListenPacket.
	listen func(network, address string) (*icmp.PacketConn, error)
}

// newICMP pings: one request a second until one is answered or the time is
// over. It uses Linux's unprivileged ping sockets where the system permits them
// and raw sockets where the program has the right, and is Unknown elsewhere.
func newICMP(spec Spec, d Deps) (probe, error) {
	if !isHost(spec.Target) || isHostPort(spec.Target) {
		return nil, errors.New("icmp needs a host name or an address, for example 192.0.2.1")
	}
	p := &pinger{host: spec.Target, clock: d.Clock, resolver: d.Dialer.Resolver, listen: icmp.ListenPacket}
	if p.resolver == nil {
		p.resolver = net.DefaultResolver
	}
	return p.probe, nil
}

func (p *pinger) probe(ctx context.Context) Result {
	addrs, err := p.resolver.LookupNetIP(ctx, "ip", p.host)
	if err != nil {
		return failure(err)
	}
	addr := addrs[0].Unmap()
	for _, a := range addrs {
		if a.Unmap().Is4() {
			addr = a.Unmap()
			break
		}
	}
	s, err := p.open(addr)
	switch {
	case errors.Is(err, os.ErrPermission):
		return Result{State: Unknown, Detail: icmpRemedy}
	case err != nil:
		return Result{State: Unknown, Detail: "cannot open a socket for ping here"}
	}
	defer s.conn.Close()
	// A read or write in progress ends at once when its deadline is past.
	stop := context.AfterFunc(ctx, func() { s.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	return s.ping(ctx, p.clock)
}

// open returns an unprivileged socket or, failing that, a raw one.
func (p *pinger) open(addr netip.Addr) (*icmpSocket, error) {
	s := &icmpSocket{request: ipv4.ICMPTypeEcho, reply: ipv4.ICMPTypeEchoReply, protocol: 1}
	unprivileged, raw, any := "udp4", "ip4:icmp", "0.0.0.0"
	if addr.Is6() {
		s = &icmpSocket{request: ipv6.ICMPTypeEchoRequest, reply: ipv6.ICMPTypeEchoReply, protocol: 58}
		unprivileged, raw, any = "udp6", "ip6:ipv6-icmp", "::"
	}
	ip := net.IP(addr.AsSlice())
	var err error
	s.to = &net.UDPAddr{IP: ip, Zone: addr.Zone()}
	if s.conn, err = p.listen(unprivileged, any); err != nil {
		s.raw, s.to = true, &net.IPAddr{IP: ip, Zone: addr.Zone()}
		s.conn, err = p.listen(raw, any)
	}
	if err != nil {
		return nil, err
	}
	s.nonce = make([]byte, 16)
	rand.Read(s.nonce)
	s.id = int(binary.BigEndian.Uint16(s.nonce))
	return s, nil
}

// icmpSocket is one target's socket for the length of one check.
type icmpSocket struct {
	conn           *icmp.PacketConn
	to             net.Addr
	raw            bool // sees everybody's ICMP, and its id is not rewritten by the system
	request, reply icmp.Type
	protocol       int
	id             int
	nonce          []byte
}

func (s *icmpSocket) ping(ctx context.Context, c clock.Clock) Result {
	for seq := 1; ; seq++ {
		sent := c.Now()
		if err := s.send(seq); err != nil && ctx.Err() == nil {
			return failure(err)
		}
		s.conn.SetReadDeadline(sent.Add(icmpResend))
		// Only now: the end of ctx before this line would have had its
		// deadline overwritten by the one above.
		if ctx.Err() != nil {
			return failure(ctx.Err())
		}
		switch err := s.await(seq); {
		case err == nil:
			return Result{State: Up, Latency: max(c.Now().Sub(sent), 1)}
		case ctx.Err() != nil:
			return failure(ctx.Err())
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return failure(err)
		}
	}
}

func (s *icmpSocket) send(seq int) error {
	m := icmp.Message{Type: s.request, Body: &icmp.Echo{ID: s.id, Seq: seq & 0xffff, Data: s.nonce}}
	b, err := m.Marshal(nil)
	if err != nil {
		return err
	}
	_, err = s.conn.WriteTo(b, s.to)
	return err
}

// await reads until the reply to seq or an error, such as the deadline.
func (s *icmpSocket) await(seq int) error {
	b := make([]byte, icmpMTU)
	for {
		n, _, err := s.conn.ReadFrom(b)
		if err != nil {
			return err
		}
		m, err := icmp.ParseMessage(s.protocol, b[:n])
		if err != nil || m.Type != s.reply {
			continue
		}
		echo, ok := m.Body.(*icmp.Echo)
		// The nonce alone proves that the sender saw our request.
		if ok && echo.Seq == seq&0xffff && bytes.Equal(echo.Data, s.nonce) && (!s.raw || echo.ID == s.id) {
			return nil
		}
	}
}
