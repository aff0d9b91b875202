package when_test

import (
	"fmt"
	"time"

	"dragoman/nlu/when"
)

func ExampleFind() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := when.Reference{Now: time.Date(2026, 11, 23, 10, 0, 0, 0, berlin)} // a Monday
	text := "standup every weekday at 8:30, interview next friday from 3 to 4pm, lunch in half an hour"
	for _, e := range when.Find(nil, text, "en", now) {
		fmt.Printf("%s %s: %s\n", e.Kind, e, text[e.Start:e.End])
	}
	// Output:
	// recurrence FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=30: every weekday at 8:30
	// range 2026-11-27T15:00/2026-11-27T16:00: next friday from 3 to 4pm
	// datetime 2026-11-23T10:30: in half an hour
}

func ExamplePoint_In() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := when.Reference{Now: time.Date(2026, 3, 28, 10, 0, 0, 0, berlin)}
	e := when.Find(nil, "morgen um 2:30 Uhr", "de", now)[0] // clocks go forward at two
	fmt.Println(e, "is", e.From.In(berlin))
	// Output:
	// 2026-03-29T02:30 is 2026-03-29 03:30:00 +0200 CEST
}
