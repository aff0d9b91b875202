package llm

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	openai "github.com/sashabaranov/go-openai"
)

// Client asks one model at one address. It is safe for use by many goroutines
// at once. A nil Client is one that is switched off.
type Client struct {
	o       Options
	api     *openai.Client
	idle    interface{ CloseIdleConnections() } // nil for a transport of somebody else
	breaker breaker
	places  chan struct{} // one for each question at the same time
}

// New returns the Client for o. With OnNever it returns nil and no error: all
// methods of a nil Client say that it is off. Errors name the option that is
// wrong, and never its value where that is secret.
func New(o Options) (*Client, error) {
	switch o.On {
	case OnNever, "":
		return nil, nil
	case OnMiss:
	default:
		return nil, errors.New("llm: on is never or miss")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	loopback, err := o.checkURL()
	if err != nil {
		return nil, err
	}
	c := &Client{o: o, places: make(chan struct{}, o.Concurrency)}
	if c.o.Random == nil {
		c.o.Random = rand.Reader
	}
	if c.o.Transport == nil {
		t := newTransport(loopback)
		c.o.Transport, c.idle = t, t
	}
	cfg := openai.DefaultConfig(string(o.Key))
	cfg.BaseURL = o.BaseURL
	cfg.HTTPClient = newDoer(c.o.Transport, o.Clock)
	c.api = openai.NewClientWithConfig(cfg)
	if err := c.checkModel(); err != nil {
		return nil, err
	}
	return c, nil
}

// checkModel reports a model that go-openai would not ask with tools, at the
// start and not at the first miss.
func (c *Client) checkModel() error {
	req, err := c.request(Request{Source: Chat}, &toolbox{list: make([]openai.Tool, 1)})
	if err == nil {
		err = openai.NewReasoningValidator().Validate(req)
	}
	if err != nil {
		return fmt.Errorf("llm: model %q: %w; another reasoning may help", c.o.Model, err)
	}
	return nil
}

// Close ends the idle connections. Questions that are open end by themselves.
func (c *Client) Close() {
	if c != nil && c.idle != nil {
		c.idle.CloseIdleConnections()
	}
}

// Format implements fmt.Formatter, so that no verb prints the key.
func (c *Client) Format(f fmt.State, _ rune) {
	s := "llm: off"
	if c != nil {
		s = "llm: " + c.o.Model
	}
	_, _ = io.WriteString(f, s)
}
