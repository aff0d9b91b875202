package llm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"dragoman/internal/clock"
)

// complete makes the request within the limits of time, number and budget. It
// returns what it cost as well, and a response with at least one choice.
func (c *Client) complete(ctx context.Context, person string, req openai.ChatCompletionRequest) (resp openai.ChatCompletionResponse, tokens int, err error) {
	outer := ctx
	ctx, stop := within(ctx, c.o.Clock, c.o.Timeout)
	defer stop()
	if err := c.breaker.check(c.o.Clock.Now()); err != nil {
		return resp, 0, unavailable(err)
	}
	body, err := json.Marshal(req)
	if err != nil {
		return resp, 0, fmt.Errorf("llm: the commands cannot be described: %w", err)
	}
	held, err := c.reserve(ctx, person, estimate(body)+c.o.MaxTokens)
	if err != nil {
		return resp, 0, err
	}
	defer func() { c.settle(outer, held, tokens) }()
	probe, err := c.turn(ctx)
	if err != nil {
		return resp, 0, unavailable(err)
	}
	defer func() { <-c.places }()
	resp, err = c.api.CreateChatCompletion(ctx, req)
	if err == nil && len(resp.Choices) == 0 {
		err = errMalformed
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	c.judge(outer, probe, err)
	if err != nil {
		return resp, cost(held, openai.Usage{}, err), unavailable(c.tell(err))
	}
	return resp, cost(held, resp.Usage, nil), nil
}

// turn waits for a place among the questions that are asked at the same time,
// and for the breaker's leave. Without an error the place has to be given back.
func (c *Client) turn(ctx context.Context) (probe bool, err error) {
	select {
	case <-ctx.Done():
		return false, fmt.Errorf("no turn came: %w", context.Cause(ctx))
	case c.places <- struct{}{}:
	}
	if err = context.Cause(ctx); err == nil {
		probe, err = c.breaker.enter(c.o.Clock.Now())
	}
	if err != nil {
		<-c.places
	}
	return probe, err
}

// cost is what a question cost. Where nobody says it, it is what was reserved;
// a server that answers with an error, or that nobody reached, did not work.
func cost(held reservation, u openai.Usage, err error) int {
	var status *statusError
	var network *net.OpError
	var stranger *tls.CertificateVerificationError
	switch {
	case errors.As(err, &status), errors.As(err, &stranger), errors.As(err, &network) && network.Op == "dial":
		return 0
	case err != nil:
		return held.tokens
	}
	n := max(u.TotalTokens, u.PromptTokens+u.CompletionTokens)
	if n <= 0 || n > maxUsage {
		return held.tokens
	}
	return n
}

// maxUsage is more than one question can cost; what is above is nonsense.
const maxUsage = 10_000_000

// judge tells the breaker how it went.
func (c *Client) judge(asker context.Context, probe bool, err error) {
	v, retry := healthy, time.Duration(0)
	var status *statusError
	switch {
	case err == nil:
	case asker.Err() != nil:
		v = undecided // the asker gave up, which says nothing about the server
	default:
		v = failed
		if errors.As(err, &status) {
			retry = status.retry
			if status.aboutThis() {
				v = undecided
			}
		}
	}
	if c.breaker.leave(c.o.Clock.Now(), probe, v, retry) {
		c.o.Log.Warn("the language model fails, so it is left alone for a while", "err", c.tell(err))
	}
}

// tell is an error without the key, whatever it went through.
func (c *Client) tell(err error) error {
	if text := err.Error(); c.o.Key.redact(text) != text {
		return errors.New(c.o.Key.redact(text))
	}
	return err
}

// within is context.WithTimeout on a Clock. stop has ended its goroutine when it
// returns.
func within(ctx context.Context, clk clock.Clock, d time.Duration) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := clk.NewTimer(d)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-t.C():
			cancel(errTimeout)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(context.Canceled)
		<-done
		t.Stop()
	}
}
