// Package queuetest is the conformance suite of package queue: what it promises,
// as cases that run on an SQLite file, in memory and on PostgreSQL. It consists
// of tests only.
//
// Time is a fake clock's, except where it is the database's.
package queuetest
