package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowStatement is from when on a statement is worth a line in the log.
const slowStatement = 200 * time.Millisecond

// statementLog is GORM's logger: slow and failed statements at debug level,
// with their text but not their values, which are what people said.
type statementLog struct{ log *slog.Logger }

// LogMode is ignored: the level belongs to the slog handler.
func (l statementLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Info, Warn and Error carry GORM's advice to programmers, never a result. Its
// arguments may be values, so only the text is kept.
func (l statementLog) Info(ctx context.Context, text string, _ ...any) { l.advice(ctx, text) }

// Warn is as Info.
func (l statementLog) Warn(ctx context.Context, text string, _ ...any) { l.advice(ctx, text) }

// Error is as Info.
func (l statementLog) Error(ctx context.Context, text string, _ ...any) { l.advice(ctx, text) }

func (l statementLog) advice(ctx context.Context, text string) {
	l.log.DebugContext(ctx, "gorm", "advice", text)
}

// ParamsFilter keeps values out of the text that Trace gets.
func (l statementLog) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

// Trace is called after each statement.
func (l statementLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	took := time.Since(begin) // begin is the system's time too
	if err == nil && took < slowStatement || !l.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	text, rows := statement()
	attrs := []slog.Attr{slog.String("statement", text), slog.Int64("rows", rows), slog.Duration("took", took)}
	if err != nil {
		attrs = append(attrs, slog.String("error", errorClass(err)))
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, "statement", attrs...)
}

// errorClass names an error without its text, in which a database may quote a
// value ("invalid input syntax for type integer: ...").
func errorClass(err error) string {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, gorm.ErrDuplicatedKey, gorm.ErrForeignKeyViolated, ErrReadOnly} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if code := pgCode(err); code != "" {
		return "SQLSTATE " + code
	}
	if code := sqliteCode(err); code != 0 {
		return fmt.Sprintf("SQLite code %d", code)
	}
	return fmt.Sprintf("%T", err)
}
