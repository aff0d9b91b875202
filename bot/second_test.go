package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
	"dragoman/nlu/entity"
	"dragoman/nlu/llm"
)

// oracle is a server that speaks like OpenAI's. It gives the answers in turn.
type oracle struct {
	mu      sync.Mutex
	answers []string
	status  int
	asked   []inquiry
}

// inquiry is what the tests want to see of a request.
type inquiry struct {
	Messages []struct{ Role, Content string }
	Tools    []struct{ Function struct{ Name string } }
}

func (q inquiry) tools() []string {
	var names []string
	for _, t := range q.Tools {
		names = append(names, t.Function.Name)
	}
	return names
}

func (o *oracle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var q inquiry
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.asked = append(o.asked, q)
	if o.status != 0 || len(o.answers) == 0 {
		w.WriteHeader(max(o.status, http.StatusInternalServerError))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, o.answers[0])
	o.answers = o.answers[1:]
}

// requests are all that came so far.
func (o *oracle) requests() []inquiry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// will has it answer so next.
func (o *oracle) will(answers ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = answers
}

// calls is an answer that calls tools: name, arguments, name, arguments...
func calls(pairs ...string) string {
	var list []map[string]any
	for p := range slices.Chunk(pairs, 2) {
		list = append(list, map[string]any{"id": "c", "type": "function", "function": map[string]string{"name": p[0], "arguments": p[1]}})
	}
	return completion(map[string]any{"role": "assistant", "content": nil, "tool_calls": list})
}

// words is an answer in words.
func words(text string) string {
	return completion(map[string]any{"role": "assistant", "content": text})
}

func completion(message map[string]any) string {
	b, err := json.Marshal(map[string]any{
		"choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "message": message}},
		"usage":   map[string]int{"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// model is a client of the server at url.
func model(t *testing.T, url string, set func(*llm.Options)) *llm.Client {
	t.Helper()
	names := entity.New(entity.Options{Clock: clock.System{}})
	names.Set("machine", "machine1", "machine2")
	o := llm.Options{
		On: llm.OnMiss, BaseURL: url + "/v1", Model: "test", Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Resolver: names, Names: names.Names, Listed: names.Knows,
	}
	if set != nil {
		set(&o)
	}
	c, err := llm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// consulting is a bot that asks o what it does not understand.
func consulting(t *testing.T, o *oracle, access bot.Access, set func(*llm.Options)) *bottest.Chat {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	m := model(t, server.URL, set)
	garden := &counted{}
	chat := bottest.Start(t, bot.Config{Access: access, Model: m}, append(commands{getStatus()}, garden.Commands()...))
	t.Cleanup(func() { hangUp(server, m) })
	return chat
}

// hangUp ends all connections, before the bot's goroutines are counted.
func hangUp(s *httptest.Server, m *llm.Client) {
	m.Close()
	s.Close()
}

func wants(t *testing.T, chat *bottest.Chat, text string, replies ...string) {
	t.Helper()
	chat.Send(bottest.Direct("john", text))
	for _, want := range replies {
		if got := chat.Next(t).Reply.Plain(); got != want {
			t.Errorf("to %q the bot says %q, want %q", text, got, want)
		}
	}
}

func TestTheModelIsAskedAboutAMissAlone(t *testing.T) {
	o := &oracle{}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	m := model(t, server.URL, nil)
	chat := bottest.Start(t, bot.Config{Model: m, Learning: learning(1, 0.1, "")}, doors())
	t.Cleanup(func() { hangUp(server, m) })
	learned(t, chat.Bot)
	for text, want := range map[string]string{
		"get-status machine1":                   "machine1 is up",
		"what is the status of machine2":        "machine2 is up",
		"get-status one two three":              "get-status ",
		"tell me please whether machine1 is up": "I do not understand “tell me please whether machine1 is up”. Did you mean “get-status machine1”?",
		"help front door":                       "front door: do front door.",
		strings.Repeat("x", 17<<10):             "That is too long for me",
		"":                                      "Yes? Say help",
	} {
		if got := chat.Ask(bottest.Direct("john", text)); !strings.HasPrefix(got, want) {
			t.Errorf("to %.60q the bot says %q, want %q", text, got, want)
		}
		if strings.Contains(want, "Did you mean") {
			chat.Ask(bottest.Direct("john", "no"))
		}
	}
	chat.Send(bottest.Overheard("john", "ops", "could somebody mow the lawn"))
	o.will(words("No."))
	chat.Ask(bottest.Direct("john", "could somebody water the lawn"))
	if all := o.requests(); len(all) != 1 || !strings.Contains(all[0].Messages[len(all[0].Messages)-1].Content, "water the lawn") {
		t.Errorf("it was asked %+v", all)
	}
}

func TestWhatTheModelUnderstandsRunsWithTheSendersRights(t *testing.T) {
	o := &oracle{}
	chat := consulting(t, o, rights("sow", "reap"), nil)
	o.will(calls("get-status", `{"machine":"machine1","certainty":"certain"}`))
	wants(t, chat, "could you kindly check up on machine1 over there", "machine1 is up")
	if tools := o.requests()[0].tools(); slices.Contains(tools, "sow") || slices.Contains(tools, "reap") ||
		!slices.Contains(tools, "get-status") || !slices.Contains(tools, "water") {
		t.Errorf("offered were %q", tools)
	}
	o.will(calls("sow", `{"certainty":"certain"}`)) // which was not offered
	wants(t, chat, "could you kindly throw some seed", "I do not understand “could you kindly throw some seed”. Say help to see what I can do.")
}

func TestSeveralCallsAreDoneInTheirOrder(t *testing.T) {
	o := &oracle{}
	chat := consulting(t, o, nil, nil)
	o.will(calls("sow", `{"certainty":"certain"}`, "get-status", `{"machine":"machine1","certainty":"certain"}`))
	wants(t, chat, "throw some seed around and afterwards have a glance at machine1", "sow is done", "machine1 is up")
}

func TestWhatTheModelIsNotSureOfIsAskedAbout(t *testing.T) {
	o := &oracle{}
	chat := consulting(t, o, nil, nil)
	const text = "the corn is ripe, have a glance at machine1 too"
	o.will(calls("reap", `{"certainty":"certain"}`)) // others see what it changes
	wants(t, chat, text, "Did you mean “reap”?\n(yes / no)")
	wants(t, chat, "yes", "reap is done")
	o.will(calls("get-status", `{"machine":"machine1","certainty":"unsure"}`))
	wants(t, chat, text, "Did you mean “get-status machine1”?\n(yes / no)")
	wants(t, chat, "no", "Then I did not understand. Say help to see what I can do.")
	o.will(calls("reap", `{"certainty":"certain"}`, "get-status", `{"machine":"machine1","certainty":"certain"}`))
	wants(t, chat, text, "Did you mean “reap”?\nAfter that, ask me again for: get-status machine1\n(yes / no)")
}

func TestTheModelMayAnswerInItsOwnWordsWhereItIsAllowed(t *testing.T) {
	for allowed, want := range map[bool]string{
		true: "Because of the chlorophyll.", false: "I do not understand “why is the grass green my friend”. Say help to see what I can do.",
	} {
		o := &oracle{}
		o.will(words("Because of the chlorophyll."))
		chat := consulting(t, o, nil, func(o *llm.Options) { o.FreeAnswers = allowed })
		wants(t, chat, "why is the grass green my friend", want)
		if err := chat.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestAModelThatIsOfNoHelpIsToldPolitely(t *testing.T) {
	const text = "could you kindly think about the lawn"
	t.Run("out of order", func(t *testing.T) {
		chat := consulting(t, &oracle{status: 503}, nil, nil)
		wants(t, chat, text, "I cannot think about that at the moment. My commands work as always: say help to see them.")
		wants(t, chat, "get-status machine1", "machine1 is up")
	})
	t.Run("over budget", func(t *testing.T) {
		o := &oracle{}
		chat := consulting(t, o, nil, func(o *llm.Options) { o.Budget = 10 })
		wants(t, chat, text, "That is all the thinking I can do for you today; tomorrow there is more. My commands work as always: say help to see them.")
		if n := len(o.requests()); n != 0 {
			t.Errorf("it was asked %d times", n)
		}
	})
	t.Run("off", func(t *testing.T) {
		chat := consulting(t, &oracle{}, nil, func(o *llm.Options) { o.On = llm.OnNever })
		wants(t, chat, text, "I do not understand “could you kindly think about the lawn”. Say help to see what I can do.")
	})
}

// silence is a connection that never answers.
type silence struct{ asked chan struct{} }

func (s silence) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked <- struct{}{}
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestAModelThatHangsKeepsOneConversationAndNotForLong(t *testing.T) {
	bottest.Play(t, bot.Config{Model: model(t, "http://127.0.0.1:1", func(o *llm.Options) {
		o.Transport = silence{make(chan struct{}, 10)}
	})}, `
		john: could you kindly think about the lawn
		... 2s ...
		mary: get-status machine1
		bot: machine1 is up
		john@ops: dragoman: get-status machine2
		bot@ops: machine2 is up
		... 5900ms ...
		... 200ms ...
		bot -> john: I cannot think about that at the moment...
		john: get-status machine1
		bot: machine1 is up
	`, func(*testing.T, *bot.Bot) []bot.Skill { return []bot.Skill{commands{getStatus()}} })
}

func TestAModelThatHangsShowsThatTheBotIsAtWork(t *testing.T) {
	asked := make(chan struct{}, 1)
	fake := bottest.NewClock()
	chat := bottest.Start(t, bot.Config{Clock: fake, Model: model(t, "http://127.0.0.1:1", func(o *llm.Options) {
		o.Transport, o.Clock = silence{asked}, fake
	})}, commands{getStatus()})
	m := bottest.Direct("john", "could you kindly think about the lawn")
	chat.Send(m)
	<-asked
	fake.Advance(1500 * time.Millisecond)
	for deadline := time.Now().Add(10 * time.Second); len(chat.TypingChanges()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("no typing was shown")
		}
		fake.Advance(200 * time.Millisecond)
		time.Sleep(time.Millisecond)
	}
	if c := chat.TypingChanges()[0]; c.About != m || !c.On {
		t.Errorf("typing %+v", c)
	}
	fake.Advance(llm.DefaultTimeout)
	if got := chat.Next(t).Reply.Text; !strings.HasPrefix(got, "I cannot think about that") {
		t.Errorf("got %q", got)
	}
}

func TestAModelWhoseNamesPanicEndsThatRequestAlone(t *testing.T) {
	bottest.Play(t, bot.Config{Model: model(t, "http://127.0.0.1:1", func(o *llm.Options) {
		o.Transport = silence{make(chan struct{}, 10)}
		o.Names = func(string) []string { panic(errors.New("no names")) }
	})}, `
		john: could you kindly think about the lawn
		bot: /.* failed\. .* incident .{8}\./
		... 30s ...
		john: get-status machine1
		bot: machine1 is up
		... 30s ...
	`, func(*testing.T, *bot.Bot) []bot.Skill { return []bot.Skill{commands{getStatus()}} })
}

func TestAStopEndsAQuestionToTheModel(t *testing.T) {
	asked := make(chan struct{}, 1)
	chat := bottest.Start(t, bot.Config{Grace: time.Millisecond, Model: model(t, "http://127.0.0.1:1", func(o *llm.Options) {
		o.Transport = silence{asked}
	})}, commands{getStatus()})
	chat.Send(bottest.Direct("john", "could you kindly think about the lawn"))
	<-asked
	if err := chat.Stop(); err != nil {
		t.Error(err)
	}
}
