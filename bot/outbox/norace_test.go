//go:build !race

package outbox_test

func scaled(n int) int { return n }
