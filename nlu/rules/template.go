package rules

import (
	"fmt"
	"strings"
	"unicode"

	"dragoman/nlu"
)

// The bounds of a template. What needs more is several templates.
const (
	maxLength = 2000 // runes
	maxDepth  = 16   // brackets within brackets
	maxLeaves = 128  // words and slots
	maxWord   = 64   // bytes of a word
)

// TemplateError says where a template is wrong and what should stand there.
type TemplateError struct {
	Command  string // the command whose template it is
	Lang     string // its language
	Template string // as it was written
	Column   int    // in runes, from 1
	Want     string // what was expected there
}

// Error implements error.
func (e *TemplateError) Error() string {
	return fmt.Sprintf("rules: template %q of %s (%s): column %d: expected %s",
		e.Template, e.Command, e.Lang, e.Column, e.Want)
}

// op is what a node does.
type op uint8

const (
	opWord op = iota // matches one literal token
	opSlot           // captures a value
	opSeq            // all kids in order
	opAlt            // one kid
	opOpt            // its kid or nothing
)

// node is a part of a parsed template.
type node struct {
	op   op
	text string // opWord: the folded token; opSlot: the slot's name
	col  int
	kids []*node
}

// parser reads one template by recursive descent.
type parser struct {
	src    []rune
	pos    int
	depth  int
	leaves int
	fail   *TemplateError // only Column and Want are set
}

// parse returns the tree of a template. The caller completes the error.
func parse(template string) (*node, *TemplateError) {
	p := &parser{src: []rune(template)}
	if len(p.src) > maxLength {
		return nil, &TemplateError{Column: maxLength + 1, Want: "the end: split the template"}
	}
	n := p.sequence()
	if p.fail == nil && p.pos < len(p.src) {
		p.want("a word or a slot, not %q", string(p.src[p.pos]))
	}
	if p.fail != nil {
		return nil, p.fail
	}
	return n, nil
}

// want records the first thing that is wrong.
func (p *parser) want(format string, args ...any) {
	if p.fail == nil {
		p.fail = &TemplateError{Column: p.pos + 1, Want: fmt.Sprintf(format, args...)}
	}
}

func (p *parser) peek() rune {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// sequence reads words, slots and groups up to | or a closing bracket or the end.
func (p *parser) sequence() *node {
	seq := &node{op: opSeq, col: p.pos + 1}
	glued := false // the last thing ended just here, and no word may touch it
	for p.fail == nil && p.pos < len(p.src) {
		switch r := p.peek(); {
		case unicode.IsSpace(r):
			p.pos++
			glued = false
			continue
		case r == '|' || r == ']' || r == ')':
			return p.filled(seq)
		case glued && !p.mayTouch():
			p.want("a space before %q", string(r))
		case r == '[':
			seq.kids = append(seq.kids, p.group(opOpt, ']'))
		case r == '(':
			seq.kids = append(seq.kids, p.group(opAlt, ')'))
		case r == '{':
			seq.kids = append(seq.kids, p.slot())
		case r == '}':
			p.want("{ before }")
		default:
			words, touches := p.word()
			seq.kids = append(seq.kids, words...)
			glued = !touches
			continue
		}
		glued = true
	}
	return p.filled(seq)
}

// filled refuses an empty sequence.
func (p *parser) filled(seq *node) *node {
	if len(seq.kids) == 0 && p.fail == nil {
		p.want("a word or a slot")
	}
	return seq
}

// mayTouch reports whether what stands here may follow a group or a slot
// without a space: 's, and punctuation, which is ignored.
func (p *parser) mayTouch() bool {
	r := p.peek()
	return r == '\'' || r == '’' || nlu.IsEndMark(r)
}

// group reads [a|b] or (a|b) after its opening bracket.
func (p *parser) group(kind op, end rune) *node {
	col := p.pos + 1
	p.pos++
	if p.depth++; p.depth > maxDepth {
		p.want("no more than %d brackets within brackets", maxDepth)
		return nil
	}
	alt := &node{op: opAlt, col: col}
	for {
		alt.kids = append(alt.kids, p.sequence())
		if p.fail != nil {
			return nil
		}
		switch p.peek() {
		case '|':
			p.pos++
		case end:
			p.pos++
			p.depth--
			if kind == opOpt {
				return &node{op: opOpt, col: col, kids: []*node{alt}}
			}
			return alt
		default:
			p.want("| or %c", end)
			return nil
		}
	}
}

// slot reads {name}.
func (p *parser) slot() *node {
	n := &node{op: opSlot, col: p.pos + 1}
	p.pos++
	begin := p.pos
	for p.pos < len(p.src) && !strings.ContainsRune("{}[]()|", p.src[p.pos]) {
		p.pos++
	}
	n.text = strings.TrimSpace(string(p.src[begin:p.pos]))
	switch {
	case n.text == "":
		p.want("the name of a slot")
	case p.peek() != '}':
		p.want("} after the name of the slot")
	}
	p.pos++
	p.leaf()
	return n
}

// word reads a literal word and cuts it into the tokens that a message has in
// its place. It reports whether a group or slot may follow without a space, as
// in l'{x}.
func (p *parser) word() (words []*node, touches bool) {
	col := p.pos + 1
	var b strings.Builder
	for p.pos < len(p.src) {
		r := p.src[p.pos]
		if r == '\\' && p.pos+1 < len(p.src) {
			p.pos++
			r = p.src[p.pos]
		} else if unicode.IsSpace(r) || strings.ContainsRune("{}[]()|", r) {
			break
		}
		b.WriteRune(r)
		p.pos++
	}
	raw := b.String()
	if len(raw) > maxWord {
		p.want("words of at most %d bytes", maxWord)
		return nil, false
	}
	from, to := trimMarks(raw, 0, len(raw))
	for from < to {
		piece := cut(raw, from, to)
		if text := nlu.Fold(raw[piece.start:piece.end]); text != "" {
			words = append(words, &node{op: opWord, text: text, col: col})
			p.leaf()
		}
		from = piece.next
	}
	return words, strings.HasSuffix(raw, "'") || strings.HasSuffix(raw, "’")
}

// leaf counts a word or slot.
func (p *parser) leaf() {
	if p.leaves++; p.leaves > maxLeaves {
		p.want("at most %d words and slots: split the template", maxLeaves)
	}
}
