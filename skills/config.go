package skills

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dragoman/skills/internal/strictyaml"
)

// Config is skills.yaml.
type Config struct {
	Bot   Bot   `yaml:"bot"`
	Store Store `yaml:"store"`
	XMPP  XMPP  `yaml:"xmpp"`
	NLU   NLU   `yaml:"nlu"`
	// Skills has a Skill under each name of Names. It is decoded into Builds.
	Skills strictyaml.Section `yaml:"skills"`

	// Builds make the enabled skills, in the order of the table.
	Builds []Build
}

// Bot is who the bot is and whom it obeys.
type Bot struct {
	// Name is its nick in rooms and what it calls itself.
	Name string `yaml:"name"`
	// Locale is the language it speaks where it does not know better.
	Locale string `yaml:"locale"`
	// Timezone is the zone of times that name none.
	Timezone strictyaml.Zone `yaml:"timezone"`
	// Admins are bare JIDs that may change what others see.
	Admins []string `yaml:"admins"`
	// Prefix addresses the bot in a room without its name; empty means that
	// only the name does.
	Prefix string `yaml:"prefix"`
}

// Validate implements the hook of package strictyaml.
func (b *Bot) Validate() error {
	var errs []error
	if err := nick(b.Name); err != nil {
		errs = append(errs, strictyaml.Key("name", err))
	}
	if err := language(b.Locale); err != nil {
		errs = append(errs, strictyaml.Key("locale", err))
	}
	if err := prefix(b.Prefix); err != nil {
		errs = append(errs, strictyaml.Key("prefix", err))
	}
	return errors.Join(append(errs, each("admins", b.Admins, bareJID)...)...)
}

// Store is where the bot keeps what must survive a restart.
type Store struct {
	// URL is sqlite:FILE or postgres://...; it may hold a password.
	URL strictyaml.Secret `yaml:"url"`
}

// Validate implements the hook of package strictyaml. What it says holds no
// part of the URL.
func (s *Store) Validate() error {
	scheme, rest, _ := strings.Cut(s.URL.Reveal(), ":")
	switch {
	case scheme == "sqlite" && rest != "":
	case (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
	default:
		return strictyaml.Key("url", errors.New("expected sqlite:FILE or postgres://user:password@host/database"))
	}
	return nil
}

// XMPP are the bot's identities on XMPP servers.
type XMPP struct {
	Components []Component `yaml:"components"`
	Accounts   []Account   `yaml:"accounts"`
}

// Validate implements the hook of package strictyaml: two connections of one
// identity would take each other's messages.
func (x *XMPP) Validate() error {
	var domains, jids []string
	for _, c := range x.Components {
		domains = append(domains, c.Domain)
	}
	for _, a := range x.Accounts {
		bare, _, _ := strings.Cut(a.JID, "/")
		jids = append(jids, bare)
	}
	return errors.Join(append(twice("components[%d].domain", domains), twice("accounts[%d].jid", jids)...)...)
}

// Component is one external component (XEP-0114).
type Component struct {
	Domain  string            `yaml:"domain" required:"true"`
	Address string            `yaml:"address" required:"true"`
	Secret  strictyaml.Secret `yaml:"secret" required:"true"`
	Nick    string            `yaml:"nick"`
	Rooms   []string          `yaml:"rooms"`
}

// Validate implements the hook of package strictyaml.
func (c *Component) Validate() error {
	var errs []error
	if err := domain(c.Domain); err != nil {
		errs = append(errs, strictyaml.Key("domain", err))
	}
	if err := hostPort(c.Address); err != nil {
		errs = append(errs, strictyaml.Key("address", err))
	}
	return errors.Join(append(errs, seats(c.Nick, c.Rooms)...)...)
}

// Account is one ordinary account.
type Account struct {
	JID      string            `yaml:"jid" required:"true"`
	Password strictyaml.Secret `yaml:"password" required:"true"`
	// Address is host:port; empty means that DNS tells.
	Address string `yaml:"address"`
	// TLS is starttls, direct or none.
	TLS string `yaml:"tls"`
	// CA is a PEM file with the roots to trust instead of the system's.
	CA string `yaml:"ca_file"`
	// AllowPlain permits the password to be sent as it is, inside TLS.
	AllowPlain bool     `yaml:"allow_plain"`
	Nick       string   `yaml:"nick"`
	Rooms      []string `yaml:"rooms"`
}

// Validate implements the hook of package strictyaml.
func (a *Account) Validate() error {
	var errs []error
	if err := account(a.JID); err != nil {
		errs = append(errs, strictyaml.Key("jid", err))
	}
	if a.Address != "" {
		if err := hostPort(a.Address); err != nil {
			errs = append(errs, strictyaml.Key("address", err))
		}
	}
	if modes := []string{"starttls", "direct", "none"}; a.TLS != "" && !slices.Contains(modes, a.TLS) {
		errs = append(errs, strictyaml.Key("tls", notOneOf(a.TLS, modes)))
	}
	return errors.Join(append(errs, seats(a.Nick, a.Rooms)...)...)
}

// Skill is the part of one skill.
type Skill struct {
	// Enabled is whether it runs. A skill that is listed without it does:
	// nobody configures what is to stay away.
	Enabled *bool `yaml:"enabled"`
	// Config is the skill's own. Of a skill that is not enabled it is not
	// looked at, so it may name secrets that are not there.
	Config strictyaml.Section `yaml:"config"`
}

// runs reports whether the skill is to run.
func (s Skill) runs() bool { return s.Enabled == nil || *s.Enabled }

// Load reads a configuration file. What is wrong with it is in the error, each
// thing with file and line; the skills' own parts are looked at when the rest
// is right.
func Load(file string) (*Config, error) {
	data, err := strictyaml.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w; name one with -c FILE", err)
	}
	return decode(data, strictyaml.Source{File: file})
}

func decode(data []byte, src strictyaml.Source) (*Config, error) {
	c := &Config{
		Bot:   Bot{Name: "dragoman", Locale: "en", Prefix: "!"},
		Store: Store{URL: "sqlite:dragoman.db"},
		NLU:   defaultNLU(),
	}
	if err := strictyaml.Decode(data, src, c); err != nil {
		return nil, err
	}
	parts := make(map[string]Skill)
	if err := c.Skills.Decode(&parts); err != nil {
		return nil, err
	}
	var problems strictyaml.Problems
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if !slices.Contains(Names(), name) {
			problems = append(problems, problemsOf(c.Skills.At(name, unknownSkill(name)))...)
		}
	}
	list, err := builds(parts)
	if problems = append(problems, problemsOf(err)...); len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b strictyaml.Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	c.Builds = list
	return c, nil
}

// problemsOf are the problems with the file in err; nil where it is of another
// kind.
func problemsOf(err error) strictyaml.Problems {
	var problems strictyaml.Problems
	errors.As(err, &problems)
	return problems
}
