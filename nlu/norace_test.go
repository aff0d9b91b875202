//go:build !race

package nlu_test

const raceEnabled = false
