package tagger

// Tags are numbers inside: 0 is O, and slot s has 2s+1 for B and 2s+2 for I.
const outside = 0

func beginTag(slot int) int  { return 2*slot + 1 }
func insideTag(slot int) int { return 2*slot + 2 }
func slotOf(tag int) int     { return (tag - 1) / 2 }
func isInside(tag int) bool  { return tag != outside && tag%2 == 0 }
