package evaluate

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadTSV(t *testing.T) {
	got, err := ReadTSV(strings.NewReader("\ufeffplay\tput on a song\r\n\r\n  \noos\twhy is  the sky blue \nstop\tstop\noos\t"))
	want := []Sample{{"play", "put on a song", 1}, {"oos", "why is  the sky blue", 4}, {"stop", "stop", 5}, {"oos", "", 6}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadTSV = %v, %v, want %v", got, err, want)
	}
	if got, err := ReadTSV(strings.NewReader("")); err != nil || len(got) != 0 {
		t.Errorf("an empty file is %v, %v", got, err)
	}
}

func TestReadBIO(t *testing.T) {
	got, err := ReadBIO(strings.NewReader("add\tadd it to my list\tO O O B-owner I-list\nplay\tplay\tO\r\n"))
	want := []Tagged{
		{"add", []string{"add", "it", "to", "my", "list"}, []string{"O", "O", "O", "B-owner", "I-list"}, 1},
		{"play", []string{"play"}, []string{"O"}, 2},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadBIO = %v, %v, want %v", got, err, want)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	tsv := func(r io.Reader) error { _, err := ReadTSV(r); return err }
	bio := func(r io.Reader) error { _, err := ReadBIO(r); return err }
	for _, c := range []struct {
		read       func(io.Reader) error
		text, want string
	}{
		{tsv, "a\tb\nplay a song\n", `line 2: there is no tab in "play a song"`},
		{tsv, "\tb\n", "line 1: the label is empty"},
		{tsv, "a\tb\n\na b\n", "line 3: there is no tab"},
		{tsv, "a\tb\tO\n", "line 1: there are more than two columns"},
		{tsv, "a\tb\na\t\xff\n", "line 2: it is not UTF-8"},
		{tsv, "a\tb\na\t" + long + "\n", "line 2: it is longer than"},
		{tsv, "a\tb\na\t" + long + long, "line 2: it is longer than"},
		{bio, "a\tb c\tO\n", "line 1: there are 2 tokens but 1 tags"},
		{bio, "a\tb c\n", "line 1: there is no second tab"},
		{bio, "a\tb c\tO X-y\n", `line 1: "X-y" is no tag`},
		{bio, "a\tb\tO\tO\n", "line 1: there are 1 tokens but 2 tags"},
	} {
		if err := c.read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %s", c.text, err, c.want)
		}
	}
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("a\tb\n"), iotest.ErrReader(broken))
	if err := tsv(r); !errors.Is(err, broken) || !strings.Contains(err.Error(), "after line 1") {
		t.Errorf("a broken reader: %v", err)
	}
}

func TestTheLongestLineIsRead(t *testing.T) {
	text := strings.Repeat("x", MaxLine-2)
	got, err := ReadTSV(strings.NewReader("a\t" + text + "\r\nb\tc"))
	if err != nil || len(got) != 2 || got[0].Text != text {
		t.Errorf("%d lines, %v", len(got), err)
	}
}

func TestDevelopmentDataIsRead(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "nlu")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.tsv"))
	if err != nil || len(files) == 0 {
		t.Skipf("the development data is not beside the checkout: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines, n := strings.Count(string(data), "\n"), 0
		if strings.HasSuffix(name, ".bio.tsv") {
			samples, readErr := ReadBIO(strings.NewReader(string(data)))
			n, err = len(samples), readErr
		} else {
			samples, readErr := ReadTSV(strings.NewReader(string(data)))
			n, err = len(samples), readErr
		}
		if err != nil || n != lines {
			t.Errorf("%s: %d samples of %d lines, %v", filepath.Base(filepath.Dir(name)), n, lines, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "a\tb\n", "\ufeffa\tb c\tO B-x\r\n", "a\tb\tI-\n", "\t\t\n", "a\t\xff"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := ReadTSV(strings.NewReader(string(data)))
		for _, s := range samples {
			if err != nil || s.Label == "" || s.Line < 1 || strings.ContainsAny(s.Text, "\t\n") {
				t.Fatalf("%+v, %v", s, err)
			}
		}
		tagged, err := ReadBIO(strings.NewReader(string(data)))
		for _, s := range tagged {
			if err != nil || s.Label == "" || len(s.Tokens) != len(s.Tags) {
				t.Fatalf("%+v, %v", s, err)
			}
			var count Slots
			if err := count.Add(s.Tags, s.Tags); err != nil || count.Right != count.Want || count.Right != count.Got {
				t.Fatalf("%v against itself: %+v, %v", s.Tags, count, err)
			}
		}
	})
}
