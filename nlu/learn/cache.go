package learn

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"dragoman/nlu/classify"
	"dragoman/nlu/tagger"
)

// Cache keeps trained models under the hash of all that they were trained on.
type Cache interface {
	// Load returns what was saved under key, or nil.
	Load(key string) []byte
	// Save keeps data. What cannot be kept is trained again.
	Save(key string, data []byte)
}

// format is counted up when models that were trained by an older program are not
// to be used any more.
const format = 1

// keyOf is the hash of all that the models depend on.
func keyOf(all []sentence, k kinds, marked map[string]bool, about []classify.Description) string {
	h := sha256.New()
	fmt.Fprintln(h, format, k, marked, about) // maps print in the order of their keys
	for _, s := range all {
		fmt.Fprintf(h, "%q %q %q %v\n", s.label, s.lang, s.text, s.slots)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// bytes are the models as a Cache keeps them: each after its length, all of them
// compressed.
func (s *Stage) bytes() ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	judge, err := json.Marshal(s.judge)
	if err != nil {
		return nil, err
	}
	for _, m := range []io.WriterTo{bytes.NewBuffer(judge), s.words, s.tags} {
		var part bytes.Buffer
		if _, err := m.WriteTo(&part); err != nil {
			return nil, err
		}
		if err := binary.Write(zip, binary.BigEndian, uint64(part.Len())); err != nil {
			return nil, err
		}
		if _, err := zip.Write(part.Bytes()); err != nil {
			return nil, err
		}
	}
	err = zip.Close()
	return out.Bytes(), err
}

// restore reads the models from data.
func (s *Stage) restore(data []byte) error {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	readers := []func(io.Reader) error{
		func(r io.Reader) error { return json.NewDecoder(r).Decode(&s.judge) },
		func(r io.Reader) (err error) { s.words, err = classify.Read(r); return err },
		func(r io.Reader) (err error) { s.tags, err = tagger.Read(r); return err },
	}
	for _, read := range readers {
		var size uint64
		if err := binary.Read(zip, binary.BigEndian, &size); err != nil {
			return err
		}
		part := io.LimitReader(zip, int64(size))
		if err := read(part); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, part); err != nil { // what a reader need not look at
			return err
		}
	}
	return nil
}
