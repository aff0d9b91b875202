package scheduler

import (
	"context"
	"iter"
)

// write runs f in a transaction, which its ctx carries, or in that of ctx.
func (p *Planner) write(ctx context.Context, f func(ctx context.Context) error) (err error) {
	var result error
	for tx := range transaction(ctx, p.db.Write, &result, &err) {
		result = f(tx.Statement.Context)
	}
	return err
}

// transaction is write, which is that of a store.DB, as a loop whose body runs in
// the transaction: so nothing here needs GORM's name, which belongs to the store.
// The body runs again when write tries again.
func transaction[Tx any](ctx context.Context, write func(context.Context, func(Tx) error) error, result, err *error) iter.Seq[Tx] {
	return func(yield func(Tx) bool) {
		*err = write(ctx, func(tx Tx) error {
			*result = nil
			yield(tx)
			return *result
		})
	}
}
