package when

import "sync"

var english = sync.OnceValue(func() *language {
	return compile("en", unsettled, append(englishNumbers(), englishRows...), englishNever)
})

var englishRows = []row{
	{cOne, 1, "a|an"},
	{cNum, 2, "a couple of|couple of|a couple"},
	{cNumHalf, 3, "one and a half"},
	{cAndHalf, 2, "and a half|and half"},
	{cAndHalf, 4, "and a quarter"},
	{cSpan, 1800, "half an hour|half hour|a half hour|half a hour"},
	{cSpan, 900, "quarter of an hour|a quarter of an hour|quarter hour|a quarter hour"},
	{cSpan, 2700, "three quarters of an hour|three quarter hour"},
	{cSpan, 30, "half a minute"},
	{cSpan, 43200, "half a day"},

	{cUnit, second, "second|seconds|sec|secs"},
	{cUnit, minute, "minute|minutes|min|mins"},
	{cUnit, hour, "hour|hours|hr|hrs"},
	{cUnit, day, "day|days"},
	{cUnit, week, "week|weeks|wk|wks"},
	{cUnit, month, "month|months"},
	{cUnit, year, "year|years|yr|yrs"},
	{cUnit, fortnight, "fortnight|fortnights"},
	{cLetter, second, "s"},
	{cLetter, minute, "m"},
	{cLetter, hour, "h"},
	{cLetter, day, "d"},
	{cLetter, week, "w"},

	{cAnd, 0, "and"},
	{cIn, 0, "in|within"},
	{cAgo, 1, "ago|earlier"},
	{cFromNow, 0, "from now|hence"},

	{cDay, 0, "today"},
	{cDay, 1, "tomorrow|tommorow|tommorrow|tomorow|tmrw|tmr"},
	{cDay, -1, "yesterday"},
	{cDay, 2, "day after tomorrow|the day after tomorrow|overmorrow"},
	{cDay, -2, "day before yesterday|the day before yesterday"},
	{cDayPart, dayPart(0, evening), "tonight|this evening"},
	{cDayPart, dayPart(0, morning), "this morning"},
	{cDayPart, dayPart(0, afternoon), "this afternoon"},
	{cDayPart, dayPart(-1, evening), "last night"},
	{cPart, morning, "morning|mornings"},
	{cPart, afternoon, "afternoon|afternoons"},
	{cPart, evening, "evening|evenings"},
	{cPart, night, "night|nights"},
	{cPart, midday, "noon|midday"},
	{cPartOf, morning, "in the morning|in the mornings|early in the morning"},
	{cPartOf, afternoon, "in the afternoon|in the afternoons"},
	{cPartOf, evening, "in the evening|in the evenings"},
	{cPartOf, night, "at night"},
	{cPart, evening, "tonight"},

	{cRel, 0, "this"},
	{cRel, 1, "next|coming|this coming|upcoming"},
	{cRel, -1, "last|previous"},
	{cRolling, -1, "past"},
	{cRelPost, 1, "next"},
	{cRelPost, -1, "last"},
	{cArt, 0, "the"},
	{cOn, 0, "on"},
	{cOn, 1, "at the"},
	{cAt, 0, "at|at about|at around|around|by"},
	{cOclock, 2, "o clock|oclock"},
	{cOclock, 1, "h"},
	{cAmPm, 0, "am|a m"},
	{cAmPm, 12, "pm|p m"},
	{cNoon, 12, "noon|midday"},
	{cNoon, 0, "midnight"},
	{cPast, 1, "past|after"},
	{cPast, -1, "to|before|till"},
	{cHalf, 30, "half past|half"},
	{cQuarter, 15, "quarter|a quarter"},

	{cMonth, 1, "january"}, {cMonth, 2, "february"}, {cWeakMonth, 3, "march"}, {cWeakMonth, 4, "april"},
	{cWeakMonth, 5, "may"}, {cWeakMonth, 6, "june"}, {cMonth, 7, "july"}, {cWeakMonth, 8, "august"},
	{cMonth, 9, "september"}, {cMonth, 10, "october"}, {cMonth, 11, "november"}, {cMonth, 12, "december"},
	{cWeakMonth, 1, "jan"}, {cWeakMonth, 2, "feb"}, {cWeakMonth, 3, "mar"}, {cWeakMonth, 4, "apr"},
	{cWeakMonth, 6, "jun"}, {cWeakMonth, 7, "jul"}, {cWeakMonth, 8, "aug"}, {cWeakMonth, 9, "sep|sept"},
	{cWeakMonth, 10, "oct"}, {cWeakMonth, 11, "nov"}, {cWeakMonth, 12, "dec"},

	{cWeekday, 1, "monday"}, {cWeekday, 2, "tuesday"}, {cWeekday, 3, "wednesday"}, {cWeekday, 4, "thursday"},
	{cWeekday, 5, "friday"}, {cWeekday, 6, "saturday"}, {cWeekday, 7, "sunday"},
	{cWeakWeekday, 1, "mon"}, {cWeakWeekday, 2, "tue|tues"}, {cWeakWeekday, 3, "wed"}, {cWeakWeekday, 4, "thu|thur|thurs"},
	{cWeakWeekday, 5, "fri"}, {cWeakWeekday, 6, "sat"}, {cWeakWeekday, 7, "sun"},
	{cWeekdays, 1, "mondays"}, {cWeekdays, 2, "tuesdays"}, {cWeekdays, 3, "wednesdays"}, {cWeekdays, 4, "thursdays"},
	{cWeekdays, 5, "fridays"}, {cWeekdays, 6, "saturdays"}, {cWeekdays, 7, "sundays"},

	{cEvery, 0, "every|each|every single"},
	{cOther, 2, "other"},
	{cFreq, hour, "hourly"}, {cFreq, day, "daily|every day|everyday"}, {cFreq, week, "weekly"}, {cFreq, month, "monthly"},
	{cFreq, year, "yearly|annually"}, {cFreq, fortnight, "fortnightly|biweekly"},
	{cHabit, 1, "on weekdays|weekdays|on workdays|workdays|on working days"},
	{cHabit, 2, "on weekends|weekends|at weekends"},
	{cDays, 1, "weekday|workday|working day|business day"},
	{cDays, 2, "weekend"},

	{cUntil, 0, "until|till|til|up to|through"},
	{cSince, 0, "since|ever since"},
	{cStarting, 0, "starting|starting from|starting on|beginning|beginning on|as of"},
	{cStarting, 1, "from"},
	{cBefore, 0, "before"},
	{cAfter, 0, "after"},
	{cFrom, 0, "from"},
	{cBetween, 0, "between"},
	{cTo, 0, "to|until|till|til|through|thru"},
	{cTimes, 0, "times"},
	{cEdge, -1, "end of|at the end of"},
	{cEdge, 1, "beginning of|at the beginning of|start of|at the start of"},
	{cOf, 0, "of|in"},
	{cWeekOn, 1, "week"},

	{cFollow, 1, "for"},
	{cFollow, 0, "to|with|we|i|you|they|he|she|it|my|our|please|pls|or|but|then|about|if|when|that|so|because|as|sharp|instead|thanks|works|is|ok|okay|via|and|in|on|using|latest"},
	{cSkip, 0, "good morning|good afternoon|good evening|good night|once a|twice a|times a|times an|happy friday|happy monday|at once|at first|at last|second to none|march madness|what a|one day i|one day we|a sec|just a sec|just a second|just a minute|at one with|may be|may not|may have|may also|may only|may we|may i|may you|may he|may she|may they|may it"},
	{cThing, 1, "port|version|line|ratio|chapter|score|resolution"},
	{cThing, 0, "room|page|number|numbers|channel|issue|ticket|lines|step|steps|level|scale|rate|item|items|pick|choose|guess|roll|random|id|release|build|row|rows|option|options|machine|machines|server|servers|volume|building|floor|apartment|house|gate|platform|street"},
}

// englishNever are words that look like a misspelt month or day and are none.
const englishNever = "sundae sundry faraday someday augusta auguste sunny mandate"

// englishNumbers are the numbers and ordinals in words, to 99 and to 31st.
func englishNumbers() []row {
	small := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	tens := []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	first := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
		"twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"}
	rows := []row{{cOrdEnd, 0, "st|nd|rd|th"}, {cOrd, 20, "twentieth"}, {cOrd, 30, "thirtieth"}}
	for n := range 100 {
		if n < 20 {
			rows = append(rows, row{cNum, n, small[n]})
		} else if n%10 == 0 {
			rows = append(rows, row{cNum, n, tens[n/10]})
		} else {
			rows = append(rows, row{cNum, n, tens[n/10] + " " + small[n%10]})
		}
		if n > 0 && n < 20 {
			rows = append(rows, row{cOrd, n, first[n]})
		} else if n > 20 && n < 32 && n%10 != 0 {
			rows = append(rows, row{cOrd, n, tens[n/10] + " " + first[n%10]})
		}
	}
	return rows
}
