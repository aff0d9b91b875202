package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"dragoman/nlu"
)

// Command is a command that the sender may use, as the model is told of it.
type Command struct {
	nlu.Command
	// Help says of a slot in one sentence what it is, by the slot's name.
	Help map[string]string
	// Shared means that the command changes what others see: the caller asks
	// before it runs such a reading.
	Shared bool
}

const (
	// maxTools is the limit of OpenAI's protocol.
	maxTools = 128
	// maxEnum is how many names are few enough to choose from.
	maxEnum = 20
	// maxEnumName bounds one of them in bytes. People make up names in chat;
	// this is no place for a story.
	maxEnumName = 64
	// certainty is the property in which the model says how sure it is.
	certainty = "certainty"
)

// What the model can answer about its certainty, and the Score that makes of it.
const (
	ScoreCertain = 0.9
	ScoreLikely  = 0.7
	ScoreUnsure  = 0.5
)

// tool is a command in a request: how its answer is read back.
type tool struct {
	command *Command
	slots   *nameTable
}

// toolbox is all tools of a request.
type toolbox struct {
	tools map[string]tool // by the form of the command's name
	list  []openai.Tool
}

// newToolbox describes the commands to the model.
func (c *Client) newToolbox(cmds []Command) (*toolbox, error) {
	if len(cmds) > maxTools {
		return nil, fmt.Errorf("llm: %d commands are more than the %d tools that a model takes", len(cmds), maxTools)
	}
	names := make([]string, len(cmds))
	for i := range cmds {
		if err := cmds[i].Check(); err != nil {
			return nil, err
		}
		names[i] = cmds[i].Name
	}
	table, err := newNameTable(names)
	if err != nil {
		return nil, err
	}
	box := &toolbox{tools: make(map[string]tool, len(cmds))}
	for i := range cmds {
		cmd := &cmds[i]
		t := tool{command: cmd}
		slots := make([]string, len(cmd.Slots))
		for j, s := range cmd.Slots {
			slots[j] = s.Name
		}
		if t.slots, err = newNameTable(slots, certainty); err != nil {
			return nil, fmt.Errorf("command %q: %w", cmd.Name, err)
		}
		form := table.forms[cmd.Name]
		box.tools[form] = t
		box.list = append(box.list, openai.Tool{
			Type: openai.ToolTypeFunction,
			Function: &openai.FunctionDefinition{
				Name:        form,
				Description: line(or(cmd.Summary, cmd.Name), 200),
				Parameters:  c.schema(t),
			},
		})
	}
	return box, nil
}

// object is a JSON Schema of an object.
type object struct {
	Type       string     `json:"type"`
	Properties properties `json:"properties"`
	Required   []string   `json:"required"`
	Additional bool       `json:"additionalProperties"`
}

// property is one member of an object. Type is a list where null is allowed.
type property struct {
	name        string
	Type        any    `json:"type"`
	Description string `json:"description,omitempty"`
	Enum        []any  `json:"enum,omitempty"`
}

// properties encode in their order, which a model reads as their importance;
// a map would lose it.
type properties []property

// MarshalJSON implements json.Marshaler.
func (p properties) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, one := range p {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := encode(one.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(one)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// encode is json.Marshal without the escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// schema describes the arguments of a command.
func (c *Client) schema(t tool) object {
	o := object{Type: "object", Required: []string{}}
	for _, s := range t.command.Slots {
		p := c.property(s, line(t.command.Help[s.Name], 200))
		p.name = t.slots.forms[s.Name]
		o.Properties = append(o.Properties, p)
		if s.Required {
			o.Required = append(o.Required, p.name)
		}
	}
	o.Properties = append(o.Properties, property{
		name:        certainty,
		Type:        "string",
		Description: "How sure it is that the message asks for this.",
		Enum:        []any{"certain", "likely", "unsure"},
	})
	o.Required = append(o.Required, certainty)
	return o
}

// property describes a slot. A required one may be null: a model that has to
// fill it in would make something up, while the person can be asked.
func (c *Client) property(s nlu.Slot, help string) property {
	typ, hint := "string", "Exactly as written in the message."
	var names []any
	switch s.Kind {
	case nlu.KindInt:
		typ, hint = "integer", ""
	case nlu.KindNumber:
		typ, hint = "number", ""
	case nlu.KindBool:
		typ, hint = "boolean", ""
	case nlu.KindDuration:
		hint = "A length of time, exactly as written in the message, such as 15 minutes."
	default:
		if names = c.enum(s.Kind); names != nil {
			hint = ""
		} else if c.listed(s.Kind) {
			hint = "The name of a " + s.Kind + ", exactly as written in the message."
		}
	}
	p := property{Type: typ, Enum: names}
	if s.Required {
		p.Type = []string{typ, "null"}
		if p.Enum != nil {
			p.Enum = append(p.Enum, nil)
		}
		hint = strings.TrimSpace(hint + " null if the message does not say.")
	}
	p.Description = strings.TrimSpace(help + " " + hint)
	return p
}

// listed reports whether only a name that resolves is a value of the kind.
func (c *Client) listed(kind string) bool {
	return !nlu.BuiltIn(kind) && (c.o.Listed == nil || c.o.Listed(kind))
}

// enum is the names of a kind where the model may choose from them.
func (c *Client) enum(kind string) []any {
	if c.o.Names == nil || !c.listed(kind) {
		return nil
	}
	names := c.o.Names(kind)
	if len(names) == 0 || len(names) > maxEnum {
		return nil
	}
	out := make([]any, 0, len(names)+1)
	for _, n := range names {
		if len(n) > maxEnumName || line(n, maxEnumName) != n {
			return nil // it would not be the list that the description promises
		}
		out = append(out, n)
	}
	return out
}
