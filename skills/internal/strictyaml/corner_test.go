package strictyaml

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestAliasesRepeatWhatTheirAnchorHas(t *testing.T) {
	var into struct {
		A []component          `yaml:"a"`
		B component            `yaml:"b"`
		C map[string]component `yaml:"c"`
	}
	const yaml = "a:\n  - &x {domain: d, secret: s}\n  - *x\nb: *x\nc: {one: *x}\n"
	if err := Decode([]byte(yaml), source(), &into); err != nil {
		t.Fatal(err)
	}
	want := component{Domain: "d", Secret: "s"}
	if !reflect.DeepEqual(into.A, []component{want, want}) || !reflect.DeepEqual(into.B, want) || !reflect.DeepEqual(into.C["one"], want) {
		t.Errorf("got %+v", into)
	}
	err := Decode([]byte("a:\n  - &x {domain: d}\n  - *x\n"), source(), &into)
	if got, want := fmt.Sprint(err), "skills.yaml:2: missing key \"secret\" in a[0]\nskills.yaml:2: missing key \"secret\" in a[1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNothingAfterAKeyEmptiesAListOrMap(t *testing.T) {
	into := struct {
		List  []string          `yaml:"list"`
		Table map[string]string `yaml:"table"`
		Text  *string           `yaml:"text"`
	}{List: []string{"a"}, Table: map[string]string{"a": "b"}}
	if err := Decode([]byte("list:\n#  - all items are commented out\ntable: ~\ntext: null\n"), source(), &into); err != nil {
		t.Fatal(err)
	}
	if into.List != nil || into.Table != nil || into.Text != nil {
		t.Errorf("got %+v", into)
	}
}

func TestNumbersAreHeldToTheirType(t *testing.T) {
	type all struct {
		I64 int64    `yaml:"i64"`
		U64 uint64   `yaml:"u64"`
		F32 float32  `yaml:"f32"`
		B   bool     `yaml:"b"`
		M   mode     `yaml:"m"`
		E   struct{} `yaml:"e"`
	}
	var got all
	if err := Decode([]byte("{i64: -9223372036854775808, u64: 0xffffffffffffffff, f32: 1.5, b: True, e: {}}"), source(), &got); err != nil {
		t.Fatal(err)
	}
	if want := (all{I64: -1 << 63, U64: 1<<64 - 1, F32: 1.5, B: true}); got != want {
		t.Errorf("got %+v", got)
	}
	for yaml, want := range map[string]string{
		"i64: 9223372036854775808":      "from -9223372036854775808 to 9223372036854775807",
		"u64: 18446744073709551616":     "from 0 to 18446744073709551615",
		"u64: -1":                       "from 0 to 18446744073709551615",
		"f32: 1e99":                     "f32 must be a number, not a number with a fraction",
		"f32: true":                     "f32 must be a number, not true or false",
		"b: 1":                          "b must be true or false, not a number",
		"m: 1":                          "m must be text; put it in quotes, not a number",
		"m: {}":                         "m must be text; put it in quotes, not a block of keys",
		"e: {x: 1}":                     `unknown key "x" in e; there are no keys here`,
		"b: " + strings.Repeat("y", 50): "b must be true or false, not this text",
	} {
		if err := Decode([]byte(yaml), source(), &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", yaml, err, want)
		}
	}
}

func TestPathsFindTheirLine(t *testing.T) {
	var f file
	const yaml = "skills:\n  a b:\n    config:\n      list:\n        - x: 1\n        -\n          y: 2\n"
	if err := Decode([]byte(yaml), source(), &f); err != nil {
		t.Fatal(err)
	}
	section := f.Skills["a b"].Config
	for path, line := range map[string]int{"": 4, "list": 4, "list[0]": 5, "list[0].x": 5, "list[1].y": 7, "list[2]": 4, "list[-1]": 4, "none.x[3]": 4, "[": 4, ".": 4, "list[x]": 4} {
		var ps Problems
		if err := section.At(path, errors.New("bad")); !errors.As(err, &ps) || len(ps) != 1 || ps[0].Line != line {
			t.Errorf("At(%q) = %v, want line %d", path, err, line)
		} else if !strings.HasPrefix(ps[0].Path, `skills["a…"].config`) {
			t.Errorf("At(%q) has the path %q", path, ps[0].Path)
		}
	}
}

func TestAKeyErrorReadsWellOutsideThisPackageToo(t *testing.T) {
	inner := errors.New("is bad")
	if err := Key("a.b", inner); err.Error() != "a.b: is bad" || !errors.Is(err, inner) {
		t.Errorf("got %v", err)
	}
	if got := (Problem{File: "f", Text: "t"}).Error(); got != "f: t" {
		t.Errorf("a problem without a line reads %q", got)
	}
}

func TestAReaderMayFailInItsOwnWay(t *testing.T) {
	var into []string
	for want, read := range map[string]func(string) ([]byte, error){
		"cannot read the file x: the vault is closed":            func(string) ([]byte, error) { return nil, errors.New("the vault is closed") },
		"cannot read the file x: it has more than 1048576 bytes": func(string) ([]byte, error) { return make([]byte, maxFile+1), nil },
	} {
		err := Decode([]byte("['${file:x}']"), Source{ReadFile: read}, &into)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	long := strings.Repeat("N", 500)
	err := Decode([]byte("['${env:"+long+"}']"), source(), &into)
	if err == nil || len(err.Error()) > 400 {
		t.Errorf("a long name fills the screen: %v", err)
	}
}

func TestDecodingIntoNoPointerIsTheCallersMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_ = Decode(nil, source(), file{})
}

func TestALongSecretIsHiddenInPartsToo(t *testing.T) {
	r := &redactor{}
	r.add(strings.Repeat("0123456789abcdef", 8))
	if got := r.clean("bad key 456789abcdef0123 in block, code 0123"); got != "bad key [secret] in block, code 0123" {
		t.Errorf("got %s", got)
	}
}
