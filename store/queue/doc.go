// Package queue keeps work that must not be lost: typed jobs in one table,
// SQLite or PostgreSQL, added in the transaction of whatever they follow from
// and run by handlers until they are done, given up, or a person decides.
//
//	q := queue.New(queue.Config{DB: db, Clock: clk, Log: log})
//	queue.Handle(q, queue.Options{Kind: "mail"}, func(ctx context.Context, j *queue.Job[Mail]) error {
//		return send(ctx, j.Args)
//	})
//	go q.Run(ctx)
//
//	db.Write(ctx, func(tx *gorm.DB) error {
//		ctx := tx.Statement.Context
//		... // what the mail follows from
//		_, err := q.Add(ctx, queue.Item{Kind: "mail", Group: to, Args: mail})
//		return err
//	})
//
// # What is promised
//
// A job exists when the transaction that added it has committed, and not
// before; a handler never sees it earlier, and soon after.
//
// A job runs at least once. It runs again when its handler failed, and when the
// process died in the middle: an effect that must happen once is either
// committed together with the job (Job.Done), or carries an id by which the far
// side recognises it, or the kind is Unrepeatable and a person is asked. That a
// job may have run before is on record before its handler starts (Info.Tried).
//
// Jobs of one group run one at a time, in the order in which they were added,
// whatever fails and however many processes share the database. A group whose
// first job waits for its next attempt waits with it, and holds up no other
// group.
//
// What cannot be done becomes a dead letter with a reason (StateDead), and what
// may have been done and must not be repeated is StateUnknown. Both stay until
// somebody retries or drops them, however many they are and for however long.
// What is done or cancelled is deleted in time (Options.Keep).
//
// # What is not promised
//
// Exactly one run. Two runs at the same moment are kept apart by the claim in
// the table; but a handler that goes on after its context has ended cannot be
// stopped, only ignored (ErrLost).
//
// An order between jobs whose transactions overlapped: they count in either
// order. An order between groups, or among jobs without one, which merely
// start in about the order in which they fall due. An order after a person
// intervened: a dead letter that is retried goes to the front of what is left.
//
// Survival of a power cut beyond what the disk keeps: the tests kill processes,
// which proves nothing about fsync.
//
// Kindness to the patient: on PostgreSQL, a transaction that has added behind
// the head of a group keeps that head from being settled until it ends, and one
// that has added to several groups may deadlock with another that did so in
// another order, upon which store.DB.Write tries one of them again. So such
// transactions are short.
//
// Punctuality while the database is away: rounds are tried again with growing
// pauses. A handler that holds a transaction open delays, on SQLite, every
// other writer.
//
// On SQLite one process at a time runs a queue (store.DB.Own sees to that).
package queue
