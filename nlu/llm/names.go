package llm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// maxName is how long the name of a tool or a property may be.
const maxName = 64

// nameTable gives each name a form that the protocol allows,
// [a-zA-Z0-9_-]{1,64}, and knows which name each form stands for. "get-status"
// stays as it is and "add machine" becomes add_machine; a name that keeps too
// little of itself, or would look like another one, ends in a hash. The form of
// a name depends on the set of names, not on their order.
type nameTable struct {
	forms map[string]string // name -> form
	names map[string]string // form -> name
}

// newNameTable returns the table of names, which must differ, and of reserved
// forms that no name may have.
func newNameTable(names []string, reserved ...string) (*nameTable, error) {
	t := &nameTable{make(map[string]string, len(names)), make(map[string]string, len(names))}
	taken := make(map[string]bool)
	for _, form := range reserved {
		taken[form] = true
	}
	wish := make(map[string]int) // how many names would look like this
	for _, n := range names {
		if _, again := t.forms[n]; again {
			return nil, fmt.Errorf("llm: %q is given twice", n)
		}
		t.forms[n] = ""
		form, exact := simplify(n)
		if exact && !taken[form] {
			t.set(n, form)
			taken[form] = true
			continue
		}
		wish[form]++
	}
	for _, n := range names {
		if t.forms[n] != "" {
			continue
		}
		form, _ := simplify(n)
		if taken[form] || wish[form] > 1 || form == "" {
			form = t.hashed(n, form, taken)
		}
		t.set(n, form)
	}
	return t, nil
}

func (t *nameTable) set(name, form string) {
	t.forms[name], t.names[form] = form, name
}

// hashed appends what tells the name from others of the same form.
func (t *nameTable) hashed(name, form string, taken map[string]bool) string {
	const digits = 12
	for salt := 0; ; salt++ {
		sum := sha256.Sum256([]byte(strconv.Itoa(salt) + name))
		f := form[:min(len(form), maxName-1-digits)] + "_" + hex.EncodeToString(sum[:])[:digits]
		if _, used := t.names[f]; !used && !taken[f] {
			return f
		}
	}
}

// simplify replaces each run of what is not allowed by one underscore and cuts
// the name; exact says that nothing had to be done.
func simplify(name string) (form string, exact bool) {
	b := make([]byte, 0, min(len(name), maxName))
	exact = name != "" && len(name) <= maxName
	gap := false
	for i := 0; i < len(name) && len(b) < maxName; i++ {
		c := name[i]
		if allowed := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'; allowed {
			b = append(b, c)
			gap = false
			continue
		}
		exact = false
		if !gap {
			b = append(b, '_')
		}
		gap = true
	}
	return string(b), exact
}
