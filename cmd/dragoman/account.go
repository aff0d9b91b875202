package main

import (
	"errors"
	"log/slog"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
	"dragoman/skills"
)

func account(c skills.Account, jid stream.JID, log *slog.Logger) (xmpp.Connector, error) {
	return nil, errors.New("not wired yet")
}
