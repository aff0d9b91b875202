package main

import (
	"strings"
	"testing"
)

func TestAnythingButTheRightWordsFailsTheDemo(t *testing.T) {
	right := func() []*scene {
		scenes := (&demo{room: "ops@rooms.chat.local"}).scenes()
		for _, s := range scenes {
			for _, l := range s.lines {
				s.heard = append(s.heard, strings.Replace(l.String(), someSeconds, "12 seconds", 1))
			}
			s.heard = append(s.heard, later, gone().String())
		}
		return scenes
	}
	if err := compare(right()); err != nil {
		t.Errorf("the right words: %v", err)
	}
	for name, spoil := range map[string]func(s *scene){
		"a word":       func(s *scene) { s.heard[1] = strings.Replace(s.heard[1], "running", "walking", 1) },
		"a time":       func(s *scene) { s.heard[1] = strings.Replace(s.heard[1], "12 seconds", "12 minutes", 1) },
		"a number":     func(s *scene) { s.heard[1] = strings.Replace(s.heard[1], "12", "N", 1) },
		"a stop":       func(s *scene) { s.heard[5] = strings.TrimSuffix(s.heard[5], ".") },
		"a line less":  func(s *scene) { s.heard = s.heard[:5] },
		"a line twice": func(s *scene) { s.heard = append(s.heard, gone().String()) },
	} {
		for i := range right() {
			scenes := right()
			spoil(scenes[i])
			if err := compare(scenes); err == nil || !strings.HasPrefix(err.Error(), scenes[i].where) {
				t.Errorf("%s in scene %d: %v", name, i, err)
			}
		}
	}
}

func TestTheDemoWithoutProsodySaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := invoke("", "demo")
	for _, want := range []string{"Prosody, which is not installed", "make demo", "sudo apt-get install prosody", "dragoman chat"} {
		if r.code != 1 || !strings.Contains(r.err, want) {
			t.Errorf("exit %d, %q; want exit 1 and %q", r.code, r.err, want)
		}
	}
}
