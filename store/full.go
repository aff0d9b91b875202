package store

import (
	"errors"
	"fmt"
)

// ErrFull says that there is no room left for what was to be written; nothing of
// it was. It works again when there is room.
var ErrFull = errors.New("the disk or the database is full")

// Codes of a lack of room. SQLite has one of its own for the index of its log
// (SQLITE_IOERR_SHMSIZE), which it makes by writing to the file.
const (
	sqliteFull    = 13
	sqliteShmSize = 10 | 19<<8
	pgDiskFull    = "53100"
)

// markFull makes err an ErrFull if that is its cause.
func markFull(err error) error {
	full := pgCode(err) == pgDiskFull || sqliteCode(err) == sqliteFull || sqliteResult(err) == sqliteShmSize
	if !full || errors.Is(err, ErrFull) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrFull, err)
}
