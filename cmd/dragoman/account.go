package main

import (
	"log/slog"

	"dragoman/bot/xmpp/client"
	"dragoman/skills"
)

// account makes the connector of an ordinary account.
func account(c skills.Account, log *slog.Logger) (*client.Connector, error) {
	return client.New(client.Config{
		JID: c.JID, Password: c.Password.Reveal(), Address: c.Address, TLS: client.TLSMode(c.TLS),
		CAFile: c.CA, AllowPlain: c.AllowPlain, Log: log,
	})
}
