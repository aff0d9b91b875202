package outbox

import (
	"context"
	"crypto/sha256"
	"time"
)

// Once implements bot.Journal. On PostgreSQL a second Once with the same key
// waits for the end of the first, also in another process.
func (o *Outbox) Once(ctx context.Context, key string, keep time.Duration, do func(ctx context.Context) error) (again bool, err error) {
	hash := sha256.Sum256([]byte(key))
	var refusal error // of do
	err = o.noting(ctx, hash[:16], keep, func(ctx context.Context, fresh bool) error {
		refusal, again = nil, !fresh
		if fresh {
			refusal = do(ctx)
		}
		return refusal
	})
	switch {
	case err == nil:
		return again, nil
	case refusal != nil && !unavailable(refusal):
		return false, err
	}
	return false, accepting("note a request", err)
}
