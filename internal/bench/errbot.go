package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"dragoman/internal/counterpart"
)

const errbotUser = "errbot"

// errbotPlugin answers get-status with the words that the bot would use.
//
//go:embed errbot_status.py
var errbotPlugin string

const errbotPlug = `[Core]
Name = Status
Module = status

[Python]
Version = 3
`

// errbotConfig is Errbot as its own template sets it up, with all core plugins
// and its log, for the bot is measured as it is shipped too. Only BOT_ASYNC
// differs: with the default it hangs under load. Folder, account, password,
// host, port, certificate.
const errbotConfig = `import logging
BACKEND = 'XMPP'
BOT_DATA_DIR = BOT_EXTRA_PLUGIN_DIR = %q
BOT_LOG_FILE = BOT_DATA_DIR + '/err.log'
BOT_LOG_LEVEL = logging.INFO
BOT_IDENTITY = {'username': %q, 'password': %q, 'server': (%q, %s)}
XMPP_CA_CERT_FILE = %q
BOT_ADMINS = ('john@chat.local',)
BOT_PREFIX_OPTIONAL_ON_CHAT = True
BOT_ASYNC = False
`

// startErrbot starts Errbot as an account, or notes that it is not there.
func (s *stage) startErrbot(ctx context.Context) error {
	program, err := exec.LookPath("errbot")
	if err != nil {
		s.notes = append(s.notes, s.kind+": no peer errbot: not installed (apt-get install errbot)")
		return nil
	}
	if err := s.keepNoArchive(ctx); err != nil {
		return err
	}
	dir := filepath.Join(s.dir, "errbot")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(s.server.C2S)
	if err != nil {
		return err
	}
	account := errbotUser + "@" + s.server.Domain + "/bench"
	config := fmt.Sprintf(errbotConfig, dir, account, s.secret, host, port, s.server.CertFile)
	for name, text := range map[string]string{"config.py": config, "status.py": errbotPlugin, "status.plug": errbotPlug} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the configuration of Errbot: %w", err)
		}
	}
	cmd := exec.Command(program, "-c", filepath.Join(dir, "config.py"))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8"}
	_, err = s.start(ctx, &peer{name: "errbot", address: account, expect: running}, cmd)
	return err
}

// keepNoArchive lets the server archive nothing of Errbot's account (XEP-0441):
// a component has no archive, and Errbot shall not pay for one.
func (s *stage) keepNoArchive(ctx context.Context) error {
	h, err := counterpart.Dial(ctx, s.server, errbotUser, s.secret, "setup")
	if err != nil {
		return err
	}
	defer h.Close()
	err = h.Raw("<iq type='set' id='prefs'><prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs></iq>")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	answer, err := h.Expect(ctx, func(m counterpart.Msg) bool { return m.Kind == "iq" && m.ID == "prefs" })
	if err == nil && answer.Type != "result" {
		err = fmt.Errorf("the server answers %v", answer)
	}
	if err != nil {
		return fmt.Errorf("turn off the archive of Errbot's account: %w", err)
	}
	return nil
}
