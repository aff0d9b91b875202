package status

import "slices"

// pending are changes in the order of their coming, at most one of each
// machine. The zero value is empty.
type pending struct {
	order []*machine
	by    map[*machine]*change
}

// put appends a change, or replaces the one that waits of the same machine.
func (p *pending) put(ch *change) {
	if p.by == nil {
		p.by = make(map[*machine]*change)
	}
	if _, waits := p.by[ch.machine]; !waits {
		p.order = append(p.order, ch.machine)
	}
	p.by[ch.machine] = ch
}

// putBack makes changes that were taken the first again, except of machines of
// which a later one has come.
func (p *pending) putBack(list []*change) {
	for _, ch := range slices.Backward(list) {
		if _, later := p.by[ch.machine]; !later {
			p.order = slices.Insert(p.order, 0, ch.machine)
			p.by[ch.machine] = ch
		}
	}
}

// take removes the oldest, at most n.
func (p *pending) take(n int) []*change {
	n = min(n, len(p.order))
	list := make([]*change, n)
	for i, m := range p.order[:n] {
		list[i] = p.by[m]
		delete(p.by, m)
	}
	clear(p.order[:n])
	p.order = p.order[n:]
	return list
}
