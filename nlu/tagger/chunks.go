package tagger

// Chunk is a run of tokens that carries one type, such as the name of a slot.
type Chunk struct {
	Type       string
	Start, End int // tokens, End not included
}

// Chunks appends the chunks of a sequence of BIO tags to dst by the rules of
// conlleval, the script of the CoNLL-2000 shared task: a chunk begins at B-X,
// and at I-X where no chunk of type X is open. Its type may contain a hyphen
// or be empty ("B"). Every other tag is outside of all chunks.
func Chunks(dst []Chunk, tags []string) []Chunk {
	open := -1 // index in dst of the chunk that may go on
	for i, tag := range tags {
		prefix, kind := splitTag(tag)
		if prefix == 'I' && open >= 0 && dst[open].Type == kind {
			dst[open].End = i + 1
			continue
		}
		open = -1
		if prefix != 'O' {
			open = len(dst)
			dst = append(dst, Chunk{Type: kind, Start: i, End: i + 1})
		}
	}
	return dst
}

// splitTag returns B, I or O and the type of the tag.
func splitTag(tag string) (prefix byte, kind string) {
	if tag == "" || (tag[0] != 'B' && tag[0] != 'I') {
		return 'O', ""
	}
	if len(tag) == 1 {
		return tag[0], ""
	}
	if tag[1] != '-' {
		return 'O', ""
	}
	return tag[0], tag[2:]
}
