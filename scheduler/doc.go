// Package scheduler has things happen at their times: every 15 seconds, at nine
// on weekdays in Berlin, or a quarter of an hour before a meeting. It reads specs
// (Parse), places local times on days on which clocks change (Resolve), and has
// two ways to act on them:
//
//   - Scheduler runs functions of this process on a bounded number of goroutines.
//     It keeps nothing: what was due while the process was down is gone. It is for
//     looking at things again and again.
//   - Planner plans work in the durable queue, once or recurring, in the
//     transaction of whatever the work follows from. What was due while the
//     process was down is caught up with as CatchUp says, and Late tells by how
//     much. It is for what somebody was promised.
//
// # How a plan lives
//
// The package owns no table. Each plan is exactly one job in the queue: its next
// tick, of kind "tick", with the plan's name as key. When that is due, one
// transaction puts the work into the queue, under a key made of the name and the
// due time, and plans the tick after it. So each tick becomes one job, whatever
// dies in between and whoever is asked twice; how often that job runs is up to
// the queue and its handler (queue.Job.Done makes it once).
//
//	queue.Handle(q, queue.Options{Kind: "events.remind"}, func(ctx context.Context, j *queue.Job[scheduler.Tick[Meeting]]) error {
//		late := scheduler.Late(j.Args.Due, clk.Now()) // "" or "late by 2 hours 5 minutes"
//		...
//	})
//	err := planner.Once(ctx, scheduler.At{Name: "events/17/reminder", When: start.Add(-15 * time.Minute), Kind: "events.remind", Args: meeting})
//
// # What time it is
//
// A Plan's ticks only ever move forward: when the clock is put back, none comes
// again, and when it is put forward, the ticks in between were missed. On the
// nights on which clocks change, a spec that names its hours comes exactly once
// on each day (see Parse).
//
// # What it doesn't do
//
// A time is made an instant when it is planned. If the rules of a time zone
// change after that, because a country gave up summer time and the machine has
// learned so, the next tick of a recurring plan and one-offs come by the old
// rules. Wall time and zone of a one-off are kept with it, but nothing reads
// them to plan it again.
//
// Plans are no tables of events: rules such as "the last Friday, except in
// August" and invitations are up to the skill, which plans the next occurrence.
package scheduler
