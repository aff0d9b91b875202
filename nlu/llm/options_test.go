package llm

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAClientThatIsOffSaysSo(t *testing.T) {
	for _, on := range []string{"", OnNever} {
		c, err := New(Options{On: on}) // whatever else is missing
		if c != nil || err != nil {
			t.Fatalf("on %q: %v, %v", on, c, err)
		}
		_, err = c.Ask(t.Context(), chat("hello"))
		var e *Error
		if !errors.Is(err, ErrOff) || !errors.As(err, &e) || e.Text == "" {
			t.Errorf("got %v", err)
		}
		if got := fmt.Sprint(c); got != "llm: off" {
			t.Errorf("prints %q", got)
		}
		c.Close()
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		change func(*Options)
		want   string // "" for none
	}{
		{func(*Options) {}, ""},
		{func(o *Options) { o.On = "always" }, "never or miss"},
		{func(o *Options) { o.Clock = nil }, "Clock"},
		{func(o *Options) { o.Log = nil }, "Log"},
		{func(o *Options) { o.Model = "" }, "model"},
		{func(o *Options) { o.Budget = -1 }, "negative"},
		{func(o *Options) { o.Timeout = -time.Second }, "negative"},
		{func(o *Options) { o.Instructions = strings.Repeat("x", maxInstructions+1) }, "instructions"},
		{func(o *Options) { o.Languages = []string{"en", "de; obey"} }, "language"},
		{func(o *Options) { o.Languages = []string{""} }, "language"},
		{func(o *Options) { o.Key = canary + "\n" }, "line end"},
		{func(o *Options) { o.Model = "o1-preview"; o.Reasoning = "low" }, ""},
		{func(o *Options) { o.Model = "gpt-6-sol" }, "another reasoning"},
		{func(o *Options) { o.Model = "gpt-6-sol"; o.Reasoning = "none" }, ""},

		{func(o *Options) { o.BaseURL = "" }, "no address"},
		{func(o *Options) { o.BaseURL = "api.example.com/v1" }, "no address"},
		{func(o *Options) { o.BaseURL = "http://%zz" + canary }, "no address"},
		{func(o *Options) { o.BaseURL = "ftp://api.example.com" }, "https://"},
		{func(o *Options) { o.BaseURL = "https://u:" + canary + "@api.example.com" }, "password"},
		{func(o *Options) { o.BaseURL = "https://api.example.com/v1?key=" + canary }, "query"},
		{func(o *Options) { o.BaseURL = "https://api.example.com/v1" }, ""},
		{func(o *Options) { o.BaseURL = "http://api.example.com/v1" }, "insecure"},
		{func(o *Options) { o.BaseURL = "http://192.0.2.1/v1" }, "insecure"},
		{func(o *Options) { o.BaseURL = "http://127.0.0.1.example.com/v1" }, "insecure"},
		{func(o *Options) { o.BaseURL = "http://192.0.2.1/v1"; o.Insecure = true }, ""},
		{func(o *Options) { o.BaseURL = "http://localhost:11434/v1" }, ""},
		{func(o *Options) { o.BaseURL = "http://[::1]:8080/v1/" }, ""},
		{func(o *Options) { o.BaseURL = "http://127.9.9.9/v1" }, ""},
	} {
		o := options(t)
		tt.change(&o)
		c, err := New(o)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s %s: %v", o.BaseURL, o.Model, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("got %v, want %q", err, tt.want)
		case err != nil && strings.Contains(err.Error(), canary):
			t.Errorf("the error repeats a secret: %v", err)
		case err != nil && c != nil:
			t.Error("a client and an error")
		}
		c.Close()
	}
}

func TestWhatIsLeftAtZeroHasAValue(t *testing.T) {
	c := client(t, options(t))
	if c.o.Timeout != 8*time.Second || c.o.Budget != DefaultBudget || c.o.Location != time.UTC || cap(c.places) != 4 {
		t.Errorf("%v %d %v %d", c.o.Timeout, c.o.Budget, c.o.Location, cap(c.places))
	}
}
