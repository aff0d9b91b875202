package main

import (
	"errors"
	"fmt"
	"strings"
)

// backupCmd is dragoman backup.
type backupCmd struct {
	File string `arg:"" help:"The file to write, which must not exist."`
}

// Help is shown by dragoman backup --help.
func (*backupCmd) Help() string {
	return `It copies the SQLite store of the configuration, also while the bot runs on it, and checks the copy. For PostgreSQL
use pg_dump.

To restore a copy:
  1. stop the bot;
  2. move the store's FILE away, and FILE-wal and FILE-shm if they are there: what a killed bot left in them would be
     applied to the copy and break it;
  3. put the copy in the place of FILE;
  4. give it to the user that the bot runs as (chown), with mode 600;
  5. start the bot.

Examples:
  dragoman backup -c /etc/dragoman/skills.yaml /var/backups/dragoman.db`
}

// Run writes the copy.
func (c *backupCmd) Run(i *invocation) (err error) {
	if err := backupName(c.File); err != nil {
		return err
	}
	db, err := existingStore(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Backup(i.ctx, c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.std.out, "%s is a sound copy of the store.\n", c.File)
	return err
}

// backupName refuses what somebody meant otherwise than as the name of a file,
// before there is a file of that name. What is refused is not shown: the address
// of a database may hold a password.
func backupName(name string) error {
	switch {
	case name == "":
		return errors.New("the name of the file to write is empty")
	case name == "-":
		return errors.New("a backup is written to a file, not to standard output; name one")
	case name == ":memory:":
		return errors.New("a backup is written to a file, not to memory; name one")
	case strings.HasPrefix(name, "sqlite:"), strings.HasPrefix(name, "file:"), strings.Contains(name, "://"):
		return errors.New("a backup is written to a plain file; name it without a scheme, as in dragoman.db")
	}
	return nil
}
