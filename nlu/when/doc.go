// Package when finds expressions of time in a sentence and tells what they
// mean: lengths, days, times, both together, ranges and recurrences, in
// English, German, French and Spanish.
//
//	found := when.Find(nil, "lunch next friday at 3pm", "en", when.Reference{Now: now})
//	found[0].String() // 2026-11-27T15:00
//
// It is a grammar of its own, with no network, no learning and no regular
// expression. It knows no calendar of holidays and no names of time zones, and
// it takes what can be something else for no time: a wrong appointment costs
// more than a question.
//
// # How it works
//
// The text is cut into words, runs of digits and marks (token.go). A word is
// looked up in the vocabulary of the language, one readable file each
// (english.go, german.go, french.go, spanish.go); a phrase has a class and a
// value, "next" is cRel 1 and "am Abend" is cPartOf evening. Months, weekdays
// and days of six letters or more are understood with one mistake in them. At
// every word that can begin something, find.go asks for a recurrence
// (recur.go, detail.go), a range (pair.go, span.go), a moment (moment.go: a
// date of calendar.go, month.go and absolute.go, a time of face.go), and a
// length (duration.go), and takes the longest. Each of them looks at a bounded number of words.
//
// # What words mean
//
//   - Weeks begin on Monday. "friday" and "next friday" are the first Friday
//     after today, on a Friday the one in a week; "this friday" is the one of
//     this week; "friday week" is seven days after "friday".
//   - A day or month without a year is the next one, today included; after
//     "since" it is the last one. February 29 waits for a leap year, the 31st
//     for a month that has it.
//   - "last week" and "next month" are whole weeks and months of the calendar.
//     "last 3 days", "past week" and "last 24 hours" reach up to now.
//   - The end of a range of days belongs to it. The end of a range of times
//     doesn't. Range ends that are open are open in the Expression.
//   - A morning is 06:00 to 12:00, an afternoon 12:00 to 18:00, an evening
//     ("tonight" too) 18:00 to 24:00, a night 22:00 to 06:00.
//   - In "in 2 days", days, weeks and months follow the calendar and give a
//     Date. Hours and less are counted exactly and give a DateTime.
//   - A time without a day is on the day when it comes next.
//   - On the twelve-hour face, without a word for the half of the day, one to
//     five are in the afternoon and six to twelve are what they say; the two
//     ends of a range settle each other ("from 9 to 5"), and "today at 8" is
//     not over yet. HalfDay is then true. "14 Uhr", "3h", "15:30" and 03:30 are what they
//     say, and so is "3:30" but in English and behind Spanish "a las".
//   - "half seven" is the British half past seven, "halb sieben" is 6:30.
//   - 05/12 is day first in German, French and Spanish. In English it is read
//     as May 12, with the 5th of December as Other, unless one of the numbers
//     is above 12. 2026-12-05 is clear everywhere.
//   - "every second tuesday" is every other one, unless "of the month" follows.
//     "every morning" without a time is at its beginning.
//   - What cannot be, such as 25:00 or February 30, is no expression, and
//     neither is the time that goes with such a day.
//   - Prepositions that belong to an expression are in its span ("at 3pm",
//     "on friday", "le 5 décembre"); "for" and "by" are not.
//
// A Point is what the clock on the wall shows. Point.In makes an instant of it,
// as RFC 5545 section 3.3.5 wants it: the first of two where clocks are put
// back, the offset before the gap where they are put forward.
package when
