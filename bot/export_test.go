package bot

// LearnsFrom is what a lesson is learned from, in the notation of examples, or
// nothing.
func LearnsFrom(b *Bot, l Lesson) string {
	list := b.newTaught(b.understood.Load().exact, nil).examples([]Lesson{l})
	if len(list) == 0 {
		return ""
	}
	e, at, out := list[0].Example, 0, ""
	for _, s := range e.Slots {
		out += e.Text[at:s.Start] + "[" + e.Text[s.Start:s.End] + "](" + s.Slot + ")"
		at = s.End
	}
	return out + e.Text[at:]
}
