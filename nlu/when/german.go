package when

import (
	"slices"
	"sync"
)

var german = sync.OnceValue(func() *language {
	return compile("de", dayFirst, slices.Concat(germanNumbers(), germanEvenings(), germanRows), germanNever)
})

var germanRows = []row{
	{cOne, 1, "ein|ein~"},
	{cNum, 2, "ein paar"},
	{cNumHalf, 3, "anderthalb|eineinhalb|einundeinhalb|ein einhalb"},
	{cNumHalf, 5, "zweieinhalb|zwei einhalb"}, {cNumHalf, 7, "dreieinhalb"}, {cNumHalf, 9, "viereinhalb"},
	{cNumHalf, 11, "fünfeinhalb"}, {cNumHalf, 13, "sechseinhalb"},
	{cSpan, 1800, "halbe stunde|halben stunde|eine halbe stunde|einer halben stunde|halbstunde|halbstündlich"},
	{cSpan, 900, "viertelstunde|eine viertelstunde|einer viertelstunde|viertel stunde|eine viertel stunde"},
	{cSpan, 2700, "dreiviertelstunde|eine dreiviertelstunde|einer dreiviertelstunde|dreiviertel stunde"},
	{cSpan, 30, "halbe minute|eine halbe minute"},
	{cSpan, 43200, "halben tag|einen halben tag|halber tag|ein halber tag"},

	{cUnit, second, "sekunde|sekunden|sek"},
	{cUnit, minute, "minute|minuten|min"},
	{cUnit, hour, "stunde|stunden|std"},
	{cUnit, day, "tag|tage|tagen|tages"},
	{cUnit, week, "woche|wochen"},
	{cUnit, month, "monat|monate|monaten|monats"},
	{cUnit, year, "jahr|jahre|jahren|jahres"},
	{cLetter, second, "s"}, {cLetter, minute, "m"}, {cLetter, hour, "h"}, {cLetter, day, "d"}, {cLetter, week, "w"},

	{cAnd, 0, "und"},
	{cIn, 0, "in|binnen|innerhalb von|im|im jahr|im jahre"},
	{cAgo, 0, "vor"},
	{cFromNow, 0, "ab jetzt|von jetzt an"},

	{cDay, 0, "heute"},
	{cDay, 1, "morgen"},
	{cDay, -1, "gestern"},
	{cDay, 2, "übermorgen"},
	{cDay, -2, "vorgestern"},
	{cDayPart, dayPart(0, evening), "heut abend"},
	{cPart, morning, "morgen|früh|vormittag|morgens"},
	{cPart, midday, "mittag"},
	{cPart, afternoon, "nachmittag"},
	{cPart, evening, "abend"},
	{cPart, night, "nacht"},
	{cPartOf, morning, "am morgen|am vormittag|morgens|vormittags|in der früh|früh morgens|früh"},
	{cPartOf, midday, "mittags|am mittag"},
	{cPartOf, afternoon, "am nachmittag|nachmittags"},
	{cPartOf, evening, "am abend|abends"},
	{cPartOf, night, "in der nacht|nachts"},

	{cRel, 0, "dies~|diese"},
	{cRel, 1, "nächst~|kommend~"},
	{cRel, -1, "letzt~|vergangen~|vorig~"},
	{cRelPost, 1, "nächster woche"},
	{cArt, 0, "der|die|das|den|dem|des"},
	{cOn, 0, "am|an|an dem"},
	{cAt, 0, "um|gegen|um circa|um etwa"},
	{cOclock, 0, "uhr|h"},
	{cNoon, 12, "mittag|zwölf uhr mittags"},
	{cNoon, 0, "mitternacht"},
	{cPast, 1, "nach"},
	{cPast, -1, "vor"},
	{cHalf, -30, "halb"},
	{cHalf, -15, "dreiviertel|drei viertel"},
	{cHalf, -45, "viertel"},
	{cQuarter, 15, "viertel"},

	{cMonth, 1, "januar|jänner|januars"}, {cMonth, 2, "februar|feber|februars"}, {cMonth, 3, "märz"}, {cWeakMonth, 4, "april"},
	{cWeakMonth, 5, "mai"}, {cMonth, 6, "juni"}, {cMonth, 7, "juli"}, {cWeakMonth, 8, "august"},
	{cMonth, 9, "september"}, {cMonth, 10, "oktober"}, {cMonth, 11, "november"}, {cMonth, 12, "dezember"},
	{cWeakMonth, 1, "jan|jän"}, {cWeakMonth, 2, "feb"}, {cWeakMonth, 3, "mär|mrz"}, {cWeakMonth, 4, "apr"},
	{cWeakMonth, 6, "jun"}, {cWeakMonth, 7, "jul"}, {cWeakMonth, 8, "aug"}, {cWeakMonth, 9, "sep|sept"},
	{cWeakMonth, 10, "okt"}, {cWeakMonth, 11, "nov"}, {cWeakMonth, 12, "dez"},

	{cWeekday, 1, "montag"}, {cWeekday, 2, "dienstag"}, {cWeekday, 3, "mittwoch"}, {cWeekday, 4, "donnerstag"},
	{cWeekday, 5, "freitag"}, {cWeekday, 6, "samstag|sonnabend"}, {cWeekday, 7, "sonntag"},
	{cWeakWeekday, 1, "mo"}, {cWeakWeekday, 2, "di"}, {cWeakWeekday, 3, "mi"}, {cWeakWeekday, 4, "do"},
	{cWeakWeekday, 5, "fr"}, {cWeakWeekday, 6, "sa"}, {cWeakWeekday, 7, "so"},
	{cWeekdays, 1, "montags"}, {cWeekdays, 2, "dienstags"}, {cWeekdays, 3, "mittwochs"}, {cWeekdays, 4, "donnerstags"},
	{cWeekdays, 5, "freitags"}, {cWeekdays, 6, "samstags|sonnabends"}, {cWeekdays, 7, "sonntags"},

	{cEvery, 0, "jed~|alle|aller|all~"},
	{cOther, 2, "ander~"},
	{cFreq, hour, "stündlich"}, {cFreq, day, "täglich"}, {cFreq, week, "wöchentlich"}, {cFreq, month, "monatlich"},
	{cFreq, year, "jährlich"}, {cFreq, fortnight, "vierzehntäglich|zweiwöchentlich|vierzehntägig"},
	{cHabit, 1, "werktags|wochentags|an werktagen|an wochentagen|unter der woche"},
	{cHabit, 2, "an wochenenden"},
	{cDays, 1, "werktag|wochentag|arbeitstag"},
	{cDays, 2, "wochenende"},

	{cUntil, 0, "bis|bis zum|bis zu|bis um"},
	{cSince, 0, "seit|seit dem"},
	{cStarting, 0, "ab|ab dem|beginnend am"},
	{cBefore, 0, "vor|vor dem"},
	{cAfter, 0, "nach|nach dem"},
	{cFrom, 0, "von"},
	{cFrom, 1, "vom"},
	{cBetween, 0, "zwischen|zwischen dem"},
	{cTo, 0, "bis|bis zum|bis um"},
	{cTimes, 0, "mal|male"},
	{cEdge, -1, "ende|am ende|zum ende"},
	{cEdge, 1, "anfang|am anfang|beginn|zu beginn"},
	{cOf, 0, "im|in|des|der|vom|von"},

	{cFollow, 1, "für"},
	{cFollow, 0, "mit|bitte|oder|aber|dann|wegen|wenn|dass|zum|zur|zu|beim|und|auf|weil|im|pünktlich|geht|ist|per|an"},
	{cSkip, 0, "guten morgen|guten abend|guten tag|gute nacht|schönen abend|schönen tag|schönen feierabend|mal am tag|eines tages|alle jahre wieder|einmal am tag"},
	{cThing, 1, "port|version|zeile|verhältnis"},
	{cThing, 0, "raum|seite|kapitel|nummer|zahl|kanal|zeilen|schritt|schritte|stufe|skala|note|zimmer|haus|gleis|server|rechner|maschine|maschinen|punkt|stock|etage|release|build"},
}

// germanNever are words that look like a misspelt month or day and are none;
// "morgen" stands here because "Morgan" and "Morten" do.
const germanNever = "morgen gesten gestein montage morgan sonntage vortag mandat montagen"

// germanEvenings are the weekdays joined with a part of the day: "Samstagabend".
func germanEvenings() []row {
	weekdays := []string{"montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"}
	parts := []row{{value: morning, phrases: "morgen"}, {value: morning, phrases: "früh"}, {value: morning, phrases: "vormittag"},
		{value: midday, phrases: "mittag"}, {value: afternoon, phrases: "nachmittag"}, {value: evening, phrases: "abend"}, {value: night, phrases: "nacht"}}
	var rows []row
	for i, d := range weekdays {
		for _, part := range parts {
			rows = append(rows, row{cWeekdayPart, 16*(i+1) + part.value, d + part.phrases})
		}
	}
	return rows
}

// germanNumbers are the numbers and ordinals in words, to 99 and to 31.
func germanNumbers() []row {
	small := []string{"null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
		"dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"}
	tens := []string{"", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"}
	rows := []row{
		{cNum, 2, "zwo"}, {cOrd, 1, "erst~"}, {cOrd, 3, "dritt~"}, {cOrd, 7, "siebt~"}, {cOrd, 8, "acht~"},
	}
	for n := range 100 {
		name := small[n%20]
		if n >= 20 {
			name = tens[n/10]
			switch n % 10 {
			case 0:
			case 1:
				name = "einund" + name
			default:
				name = small[n%10] + "und" + name
			}
		}
		rows = append(rows, row{cNum, n, name})
		switch {
		case n == 0 || n == 1 || n == 3 || n == 7 || n == 8 || n > 31:
		case n < 20:
			rows = append(rows, row{cOrd, n, name + "t~"})
		default:
			rows = append(rows, row{cOrd, n, name + "st~"})
		}
	}
	return rows
}
