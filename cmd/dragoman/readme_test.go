package main

import (
	"os"
	"strings"
	"testing"
)

// sample is the indented block of README.md that begins with some lines,
// without its indentation.
func sample(t *testing.T, first string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "\n    "+strings.ReplaceAll(first, "\n", "\n    ")+"\n")
	if !found {
		t.Fatalf("README.md has no sample that begins with %q", first)
	}
	block := first + "\n"
	for line := range strings.Lines(rest) {
		code, indented := strings.CutPrefix(line, "    ")
		if !indented && line != "\n" {
			break
		}
		block += strings.TrimSuffix(code, "\n") + "\n"
	}
	return strings.TrimRight(block, "\n") + "\n"
}

func TestTheConfigurationsInTheReadmeAreInOrder(t *testing.T) {
	file := configFile(t, sample(t, "bot:"))
	r := invoke("", "check", "-c", file)
	complaint := strings.TrimPrefix(sample(t, "$ dragoman check"), "$ dragoman check\n")
	if r.code != 1 || strings.ReplaceAll(r.err, file, "skills.yaml") != complaint {
		t.Errorf("without the secret: exit %d, %q; README.md shows %q", r.code, r.err, complaint)
	}
	t.Setenv("DRAGOMAN_SECRET", "x")
	t.Setenv("BOT_PASSWORD", "x")
	if r := invoke("", "check", "-c", file); r.code != 0 {
		t.Errorf("with the secret: exit %d: %s", r.code, r.err)
	}
	account := strings.Replace(sample(t, "xmpp:\n  accounts:"), "ca_file: /etc/dragoman/ca.pem", "", 1) // there is no such file here
	if r := invoke("", "check", "-c", configFile(t, account)); r.code != 0 || !strings.Contains(r.out, "1 account") {
		t.Errorf("the account: exit %d, %q, %s", r.code, r.out, r.err)
	}
}

func TestTheReadmeShowsTheSkillToCopyAsItIs(t *testing.T) {
	source, err := os.ReadFile("../../skills/ping/ping.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder // without its comments and its head
	_, body, _ := strings.Cut(string(source), ")\n")
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "//") || strings.HasPrefix(line, "//go:") {
			code.WriteString(line)
		}
	}
	want := strings.TrimSpace(strings.ReplaceAll(code.String(), "\t", "    ")) + "\n"
	if got := sample(t, "//go:embed phrases.txt"); got != want {
		t.Errorf("README.md shows\n%s\nskills/ping/ping.go has\n%s", got, want)
	}
}
