package xmpp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

const (
	// skew is by how much the clock of a room's server may be wrong, and how
	// long a message may have been under way.
	skew = 5 * time.Minute
	// pageLen and maxPages bound a search of an archive.
	pageLen  = 100
	maxPages = 100
)

// mark is the id in the room's archive of a message that we saw, and when by our
// own clock: what we send later stands behind it.
type mark struct {
	at time.Time
	id string
}

const (
	maxMarks  = 60
	markEvery = 10 * time.Second
)

// marked notes the place in the archive that a live message has, now and then.
func (r *room) marked(e *stream.Element, now time.Time) {
	for c := range e.Elements() {
		if !c.Is(nsStanzaIDs, "stanza-id") || c.Attr("by") != r.jid.String() || c.Attr("id") == "" {
			continue
		}
		r.mu.Lock()
		if n := len(r.marks); n == 0 || now.Sub(r.marks[n-1].at) >= markEvery {
			r.marks = append(r.marks[max(0, n+1-maxMarks):], mark{now, c.Attr("id")})
		}
		r.mu.Unlock()
		return
	}
}

// before is the archive's id of the last message known to stand before whatever
// we sent at a time or later, "" if there is none.
func (r *room) before(at time.Time) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range slices.Backward(r.marks) {
		if m.at.Before(at) {
			return m.id
		}
	}
	return ""
}

// recall is a question to a room about which of our messages it has kept.
type recall struct {
	query string        // the id of the query to the archive, "" while history is read; guarded by room.mu
	over  chan struct{} // closed at the end of the history
	once  sync.Once

	mu    sync.Mutex
	found map[string]bool     // by our id
	left  int                 // how many are not found
	seen  map[string]struct{} // the archive's ids on this page
}

var (
	errShared = errors.New("another connection takes a share of what the room says")
	errTorn   = errors.New("a part of what the archive said got lost")
)

// onPage enters one entry of a page.
func (c *recall) onPage(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[id] = struct{}{}
}

// turn begins a page.
func (c *recall) turn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = make(map[string]struct{})
}

// torn reports whether one of these entries, which the page has, did not come.
func (c *recall) torn(ids ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(ids, func(id string) bool {
		_, came := c.seen[id]
		return id != "" && !came
	})
}

// note enters a message that the room has.
func (c *recall) note(e *stream.Element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids(e) {
		if found, wanted := c.found[id]; wanted && !found {
			c.found[id] = true
			c.left--
		}
	}
}

func (c *recall) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left == 0
}

// lookFor settles those of a batch which a room has from an earlier attempt.
func (t *Transport) lookFor(ctx context.Context, r *room, batch []bot.Outgoing, fates []bot.Fate) error {
	c := &recall{query: stream.NewID(), over: make(chan struct{}), found: make(map[string]bool)}
	var since time.Time
	for _, out := range batch {
		if out.Tried.IsZero() || out.ID == "" {
			continue
		}
		c.found[out.ID] = false
		if since.IsZero() || out.Tried.Before(since) {
			since = out.Tried
		}
	}
	if c.left = len(c.found); c.left == 0 {
		return nil
	}
	if !t.canary.whole(ctx) {
		return errShared
	}
	if err := r.fence(ctx); err != nil {
		return err
	}
	if err := r.ponder(ctx, c, since); err != nil {
		return err
	}
	for i, out := range batch {
		if c.found[out.ID] {
			fates[i] = bot.Fate{State: bot.Arrived}
		}
	}
	return nil
}

// ponder looks into the archive of the room, and where there is none that we
// may read, into its history.
func (r *room) ponder(ctx context.Context, c *recall, since time.Time) error {
	if !r.setRecall(nil, c) {
		return errors.New("it is being asked already")
	}
	defer r.setRecall(c, nil)
	archived, err := r.hasArchive(ctx)
	if err == nil && archived {
		err = r.searchArchive(ctx, c, since, r.before(since))
	}
	var refused *stream.StanzaError
	switch {
	case errors.As(err, &refused) && !away(refused):
		r.t.log.Debug("a room's archive cannot be read, its history has to do", "room", r.jid, "err", err)
	case err != nil || archived:
		return err
	}
	return r.readHistory(ctx, c, since)
}

// setRecall begins or ends a question, of which there is one at a time.
func (r *room) setRecall(was, is *recall) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recall != was {
		return false
	}
	r.recall = is
	return true
}

// hasArchive asks the room for XEP-0313. What the room said before its answer has
// been handled when it returns, so that the subject behind an earlier join is not
// taken for the end of the history.
func (r *room) hasArchive(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, r.t.times.recall)
	defer cancel()
	s, _ := r.t.current()
	if s == nil {
		return false, ErrNotConnected
	}
	info, err := s.AskInOrder(ctx, stream.New(stream.NSClient, "iq", stream.New(nsDiscoInfo, "query")).
		SetAttr("type", "get").SetAttr("from", r.own()).SetAttr("to", r.jid.String()))
	if err != nil {
		return false, err
	}
	for f := range info.Child(nsDiscoInfo, "query").Elements() {
		if f.Local == "feature" && f.Attr("var") == nsMAM {
			return true, nil
		}
	}
	return false, nil
}

// searchArchive pages forward through the archive (XEP-0313 section 4, XEP-0059)
// from a mark, or where there is none from a time, until all is found.
func (r *room) searchArchive(ctx context.Context, c *recall, since time.Time, after string) error {
	fromMark := after != ""
	for range maxPages {
		c.turn()
		fin, err := r.page(ctx, c.query, since, after)
		var refused *stream.StanzaError
		if fromMark && errors.As(err, &refused) && refused.Condition == "item-not-found" {
			return r.searchArchive(ctx, c, since, "") // the archive has lost the mark
		}
		if err != nil {
			return err
		}
		fromMark = false
		set := fin.Child(nsRSM, "set")
		last := set.ChildText(nsRSM, "last")
		if c.torn(set.ChildText(nsRSM, "first"), last) {
			return errTorn
		}
		if c.complete() || fin.Attr("complete") == "true" || last == "" || last == after {
			return nil
		}
		after = last
	}
	r.t.log.Warn("a room's archive is too long to be searched to its end for messages of unknown outcome; they are sent again",
		"room", r.jid, "since", since)
	return nil
}

// page asks for one page. Its messages are entered when it returns.
func (r *room) page(ctx context.Context, query string, since time.Time, after string) (fin *stream.Element, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.t.times.recall)
	defer cancel()
	field := func(name, value string) *stream.Element {
		return stream.New(nsForm, "field", stream.TextElement(nsForm, "value", value)).SetAttr("var", name)
	}
	form := stream.New(nsForm, "x", field("FORM_TYPE", nsMAM).SetAttr("type", "hidden")).SetAttr("type", "submit")
	set := stream.New(nsRSM, "set", stream.TextElement(nsRSM, "max", strconv.Itoa(pageLen)))
	if after != "" {
		set.Append(stream.TextElement(nsRSM, "after", after))
	} else {
		form.Append(field("start", stamp(since.Add(-skew))))
	}
	s, _ := r.t.current()
	if s == nil {
		return nil, ErrNotConnected
	}
	answer, err := s.AskInOrder(ctx, stream.New(stream.NSClient, "iq",
		stream.New(nsMAM, "query", form, set).SetAttr("queryid", query)).
		SetAttr("type", "set").SetAttr("from", r.own()).SetAttr("to", r.jid.String()))
	if err != nil {
		return nil, err
	}
	return answer.Child(nsMAM, "fin"), nil
}

// readHistory enters the room, in which we are, once more, with its history. The
// subject ends it (XEP-0045 section 7.2.15).
func (r *room) readHistory(ctx context.Context, c *recall, since time.Time) error {
	r.mu.Lock()
	c.query = ""
	r.mu.Unlock()
	r.ask(ctx, stream.New(nsMUC, "history").SetAttr("since", stamp(since.Add(-skew))))
	timer := r.t.clock.NewTimer(r.t.times.recall)
	defer timer.Stop()
	select {
	case <-c.over:
		return nil
	case <-timer.C():
		return errors.New("the room didn't tell its history")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// recalled enters what the room has kept, when it was asked, and reports whether
// the message was an answer to that alone.
func (r *room) recalled(e *stream.Element, from stream.JID) bool {
	result := e.Child(nsMAM, "result")
	r.mu.Lock()
	c := r.recall
	query := ""
	if c != nil {
		query = c.query
	}
	r.mu.Unlock()
	switch {
	case result != nil:
		if c != nil && query != "" && from.Resource() == "" && result.Attr("queryid") == query {
			c.onPage(result.Attr("id"))
			kept := result.Child(nsForward, "forwarded").Child(stream.NSClient, "message")
			if by, err := stream.ParseJID(kept.Attr("from")); err == nil && r.wasOurs(by) {
				c.note(kept)
			}
		}
		return true
	case c == nil || query != "" || e.Attr("type") != "groupchat":
	case e.Child(stream.NSClient, "subject") != nil && e.Child(stream.NSClient, "body") == nil:
		c.once.Do(func() { close(c.over) })
	case e.Child(nsDelay, "delay") != nil && r.wasOurs(from):
		c.note(e)
	}
	return false
}

// wasOurs reports whether an occupant's JID is or may have been ours: the nick
// grows by underscores while somebody else has it.
func (r *room) wasOurs(occupant stream.JID) bool {
	nick := occupant.Resource()
	return occupant.Bare() == r.jid && nick != "" &&
		(nick == r.nick() || strings.TrimRight(nick, "_") == strings.TrimRight(r.t.cfg.Nick, "_"))
}

// stamp is a time as XEP-0082 writes it.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
