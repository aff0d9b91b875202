package skills

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/skills/internal/strictyaml"
)

// environment stands in for that of the process.
var environment = map[string]string{
	"DRAGOMAN_SECRET": "s3cret-of-the-component",
	"BOT_PASSWORD":    "p4ssword-of-the-account",
	"PGPASSWORD":      "hunter2-of-postgres",
	"LLM_KEY":         "k3y-of-the-language-model",
}

// parse decodes text as the file skills.yaml.
func parse(text string) (*Config, error) {
	return decode([]byte(text), strictyaml.Source{
		File:   "skills.yaml",
		Getenv: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
	})
}

// parsed is parse for a text that is right.
func parsed(t *testing.T, text string) *Config {
	t.Helper()
	c, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// problems are the lines of the error that a wrong text gives.
func problems(t *testing.T, text string) []string {
	t.Helper()
	c, err := parse(text)
	if err == nil {
		t.Fatalf("it was taken:\n%s", text)
	}
	if c != nil {
		t.Error("a configuration came with the error")
	}
	if !errors.As(err, new(strictyaml.Problems)) {
		t.Errorf("the error is of type %T", err)
	}
	return strings.Split(err.Error(), "\n")
}

// written is a file with that text.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "skills.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
