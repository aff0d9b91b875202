package skills

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"

	"dragoman/skills/internal/strictyaml"
)

// Config is skills.yaml.
type Config struct {
	Bot    Bot              `yaml:"bot"`
	Store  Store            `yaml:"store"`
	XMPP   XMPP             `yaml:"xmpp"`
	Skills map[string]Skill `yaml:"skills"`

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
	// Prefix addresses the bot in a room without its name.
	Prefix string `yaml:"prefix"`
}

// Store is where the bot keeps what must survive a restart.
type Store struct {
	// URL is sqlite:FILE or postgres://...; it may hold a password.
	URL strictyaml.Secret `yaml:"url"`
}

// XMPP are the bot's identities on XMPP servers.
type XMPP struct {
	Components []Component `yaml:"components"`
	Accounts   []Account   `yaml:"accounts"`
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
func (c *Component) Validate() error { return hostPort(c.Address) }

// Account is one ordinary account.
type Account struct {
	JID      string            `yaml:"jid" required:"true"`
	Password strictyaml.Secret `yaml:"password" required:"true"`
	// Address is host:port; empty means that DNS tells.
	Address string `yaml:"address"`
	// TLS is starttls, direct or none.
	TLS string `yaml:"tls"`
	// CA is a PEM file with the roots to trust instead of the system's.
	CA string `yaml:"ca"`
	// AllowPlain permits the password to be sent as it is, inside TLS.
	AllowPlain bool     `yaml:"allow_plain"`
	Nick       string   `yaml:"nick"`
	Rooms      []string `yaml:"rooms"`
}

// Validate implements the hook of package strictyaml.
func (a *Account) Validate() error {
	if a.TLS != "" && !slices.Contains([]string{"starttls", "direct", "none"}, a.TLS) {
		return strictyaml.Key("tls", fmt.Errorf("%q is not one of starttls, direct, none", a.TLS))
	}
	if a.Address == "" {
		return nil
	}
	return hostPort(a.Address)
}

func hostPort(address string) error {
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		return strictyaml.Key("address", errors.New("expected host:port, such as 127.0.0.1:5347"))
	}
	return nil
}

// Skill is the part of one skill.
type Skill struct {
	Enabled bool               `yaml:"enabled"`
	Config  strictyaml.Section `yaml:"config"`
}

// Load reads a configuration file. All that is wrong with it is in the error,
// with file and line.
func Load(file string) (*Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w; name one with -c FILE", err)
	}
	return decode(data, strictyaml.Source{File: file})
}

func decode(data []byte, src strictyaml.Source) (*Config, error) {
	c := &Config{
		Bot:   Bot{Name: "dragoman", Locale: "en", Prefix: "!"},
		Store: Store{URL: "sqlite:dragoman.db"},
	}
	if err := strictyaml.Decode(data, src, c); err != nil {
		return nil, err
	}
	for name := range c.Skills {
		if !slices.Contains(Names(), name) {
			return nil, strictyaml.Problems{{File: src.File, Text: unknownSkill(name).Error()}}
		}
	}
	var err error
	c.Builds, err = c.builds()
	return c, err
}
