package counterpart

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// pythonPath is the Python that Debian's modules belong to; the first python3
// on the path may be another one.
const (
	pythonPath    = "/usr/bin/python3"
	slixmppModule = "/usr/lib/python3/dist-packages/slixmpp/__init__.py"
)

// Missing is nil when the programs of a kind of counterpart are installed:
// "prosody", "ejabberd", "postgresql" or "slixmpp". Else it names the package
// of Debian and Ubuntu, and the commands that install it.
func Missing(kind string) error {
	switch kind {
	case "prosody":
		return missing(inPath("prosody"), "Prosody", "prosody")
	case "ejabberd":
		return missing(inPath("erl") && ejabberdLibs() != "", "ejabberd", "ejabberd")
	case "postgresql":
		return missing(postgresBin() != "", "PostgreSQL", "postgresql")
	case "slixmpp":
		_, err := os.Stat(slixmppModule)
		return missing(err == nil && inPath(pythonPath), "slixmpp", "python3-slixmpp")
	}
	return fmt.Errorf("no counterpart is called %q", kind)
}

func missing(installed bool, name, pkg string) error {
	if installed {
		return nil
	}
	set := "test" // the demo's one package is a set of its own
	if pkg == "prosody" {
		set = pkg
	}
	return fmt.Errorf("%s is not installed: run `scripts/install.sh %s`, or as root `apt-get install %s`", name, set, pkg)
}

func inPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// postgresBin is the folder of the newest PostgreSQL server, or empty. Debian
// keeps it out of the path.
func postgresBin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { // 9.6 < 15
			if len(a) != len(b) {
				return len(a) - len(b)
			}
			return slices.Compare([]byte(a), []byte(b))
		})
		return filepath.Dir(found[len(found)-1])
	}
	if p, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(p)
	}
	return ""
}
