// Command river measures River v0.49.0 for queuebench, which calls it.
//
// It is a module of its own beside queuebench, because River gets the driver for
// SQLite that serves it best: with a current modernc.org/sqlite it works jobs
// half as fast again as with the driver that store is built on. Both have the
// same name and cannot be in one program.
//
// River runs as its makers advise and with its fetch settings at their least
// (1 ms), which is faster than its defaults by far.
package main

import "dragoman/internal/bench/queuebench/gauge"

func main() {
	gauge.Main([]gauge.Contestant{{Name: "River", Open: open}})
}
