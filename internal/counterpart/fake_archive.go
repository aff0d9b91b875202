package counterpart

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	fakeArchiveLimit = 20_000 // messages of a room
	fakeHistory      = 20     // messages on entering, where nothing else is asked for
	fakePage         = 50     // of an archive, likewise; Prosody's max_archive_query_results
)

// fakeArchived is one message of a room's archive.
type fakeArchived struct {
	id  string
	at  time.Time
	msg *elem
}

// keep gives a message its XEP-0359 id and puts it into the archive.
func (r *fakeRoom) keep(m *elem) {
	r.archived++
	id := fmt.Sprintf("%s-%08d", splitJID(r.jid).local, r.archived)
	m.add(el(nsStanzaID, "stanza-id").set("id", id).set("by", r.jid))
	if len(r.archive) == fakeArchiveLimit {
		r.archive = slices.Delete(r.archive, 0, fakeArchiveLimit/10)
	}
	r.archive = append(r.archive, fakeArchived{id, r.f.clock.Now(), m})
}

// Archive is everything in a room's archive, as messages.
func (f *FakeXMPP) Archive(room string) []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []Event
	if r := f.rooms[f.Room(room)]; r != nil {
		for _, a := range r.archive {
			list = append(list, eventOf(a.msg))
		}
	}
	return list
}

func (a fakeArchived) delay() *elem {
	return el(nsDelay, "delay").set("stamp", a.at.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// sendHistory is XEP-0045 section 7.2.13, but maxchars counts as "none" or
// "all".
func (r *fakeRoom) sendHistory(join *elem) {
	h := join.kid(nsMUC, "x").kid(nsMUC, "history")
	from := max(0, len(r.archive)-fakeHistory)
	if n, err := strconv.Atoi(h.attr("maxstanzas")); err == nil {
		from = max(0, len(r.archive)-max(0, n))
	}
	var since time.Time
	if n, err := strconv.Atoi(h.attr("seconds")); err == nil {
		since = r.f.clock.Now().Add(-time.Duration(n) * time.Second)
	}
	if t, err := time.Parse(time.RFC3339, h.attr("since")); err == nil {
		since = t
	}
	if h.attr("maxchars") == "0" {
		return
	}
	for _, a := range r.archive[from:] {
		if !a.at.Before(since) {
			r.send(join.attr("from"), a.msg.clone().add(a.delay().set("from", r.jid)))
		}
	}
}

// archiveQuery is what is asked of an archive (XEP-0313 section 4).
type archiveQuery struct {
	start, end    time.Time
	with          string
	after, before string
	backwards     bool // the last page of what matches
	max           int
}

func readArchiveQuery(q *elem) (archiveQuery, error) {
	a := archiveQuery{max: fakePage}
	for _, field := range q.kid(nsForms, "x").elems() {
		value, err := field.kid(nsForms, "value").text(), error(nil)
		switch field.attr("var") {
		case "start":
			a.start, err = time.Parse(time.RFC3339, value)
		case "end":
			a.end, err = time.Parse(time.RFC3339, value)
		case "with":
			a.with = value
		case "FORM_TYPE":
		default:
			err = fmt.Errorf("an unknown field %q", field.attr("var"))
		}
		if err != nil {
			return a, err
		}
	}
	set := q.kid(nsRSM, "set")
	if m := set.kid(nsRSM, "max"); m != nil {
		n, err := strconv.Atoi(m.text())
		if err != nil || n < 0 {
			return a, fmt.Errorf("max is %q", m.text())
		}
		a.max = min(n, fakePage)
	}
	a.after = set.kid(nsRSM, "after").text()
	if b := set.kid(nsRSM, "before"); b != nil {
		a.backwards, a.before = true, b.text()
	}
	return a, nil
}

// matching are the archived messages of a query, before paging.
func (r *fakeRoom) matching(a archiveQuery) []fakeArchived {
	var list []fakeArchived
	for _, m := range r.archive {
		if (a.start.IsZero() || !m.at.Before(a.start)) && (a.end.IsZero() || !m.at.After(a.end)) &&
			(a.with == "" || m.msg.attr("from") == a.with) {
			list = append(list, m)
		}
	}
	return list
}

// query answers out of the archive, a page at a time (XEP-0059).
func (r *fakeRoom) query(s, q *elem) *fault {
	if s.attr("type") == "get" {
		r.f.answer(s, el(nsMAM, "query", el(nsForms, "x", archiveField("start"), archiveField("end"), archiveField("with")).set("type", "form")))
		return nil
	}
	a, err := readArchiveQuery(q)
	if err != nil {
		return &fault{kind: "modify", condition: "bad-request", text: err.Error()}
	}
	list := r.matching(a)
	first, last := 0, len(list)
	index := func(id string) int {
		return slices.IndexFunc(list, func(m fakeArchived) bool { return m.id == id })
	}
	if a.after != "" {
		if first = index(a.after) + 1; first == 0 {
			return faultNotFound
		}
	}
	if a.before != "" {
		if last = index(a.before); last < 0 {
			return faultNotFound
		}
	}
	complete := last-first <= a.max
	switch {
	case complete:
	case a.backwards:
		first = last - a.max
	default:
		last = first + a.max
	}
	page := list[min(first, last):last]
	for _, m := range page {
		forwarded := el(nsForward, "forwarded", m.delay(), m.msg.clone().set("to", ""))
		r.f.route(el(nsClient, "message", el(nsMAM, "result", forwarded).set("queryid", q.attr("queryid")).set("id", m.id)).
			set("from", r.jid).set("to", s.attr("from")).set("id", r.f.id("m")))
	}
	set := el(nsRSM, "set", el(nsRSM, "count", strconv.Itoa(len(list))))
	if len(page) > 0 {
		set.add(el(nsRSM, "first", page[0].id).set("index", strconv.Itoa(first)), el(nsRSM, "last", page[len(page)-1].id))
	}
	fin := el(nsMAM, "fin", set)
	if complete {
		fin.set("complete", "true")
	}
	r.f.answer(s, fin)
	return nil
}

func archiveField(name string) *elem {
	return el(nsForms, "field").set("var", name).set("type", "text-single")
}
