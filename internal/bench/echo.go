package main

import (
	"context"
	"errors"
	"io"
)

// echo is a component that sends every message back until the stream or ctx
// ends: the least that an answer can cost.
func echo(ctx context.Context, c component) error {
	l, err := dial(ctx, c)
	if err != nil {
		return err
	}
	defer l.drop()
	l.patience = 0
	for {
		s, err := l.next()
		switch {
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case s.asks():
			l.refuse(s)
		case s.is("message") && !s.hasType("error"):
			if text, ok := s.body(); ok {
				l.write([]byte("<message type='chat' from="), s.quoted("to"), []byte(" to="), s.quoted("from"),
					[]byte(" id="), s.quoted("id"), []byte("><body>"), text, []byte("</body></message>"))
			}
		}
	}
}
