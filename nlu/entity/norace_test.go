//go:build !race

package entity_test

const raced = false
