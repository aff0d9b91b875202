package strictyaml

// Section is a part of a file kept undecoded for the one who knows its type,
// such as a skill's own settings. A field of this type takes any value; the
// owner decodes it later with the same rules, lines and paths. The zero
// Section, and that of a key the file does not have, decodes like an empty
// mapping: defaults stay, required keys are missed.
//
// The Sections of one file are to be used by one goroutine at a time.
type Section struct {
	spot    spot
	src     Source
	secrets *redactor
}

// Present reports whether the file has the section, with anything in it.
func (s Section) Present() bool { return s.spot.node != nil && !isNull(s.spot.node) }

// Decode is like the function Decode, for this part of the file alone.
func (s Section) Decode(into any) error {
	d := s.decoder()
	d.root(s.spot.node, into, s.spot.path, s.spot.line)
	return d.err()
}

// At turns an error that was found after decoding into Problems that point at a
// path below the section, for example "machines[3].check", or at the section
// itself when path is "". It returns nil for a nil error.
func (s Section) At(path string, err error) error {
	if err == nil {
		return nil
	}
	d := s.decoder()
	d.external(s.spot.find(path), err)
	return d.err()
}

// decoder shares the secrets of the whole file, since an error about this part
// may quote another's.
func (s Section) decoder() *decoder {
	d := newDecoder(s.src)
	if s.secrets != nil {
		d.secrets = s.secrets
	}
	return d
}
