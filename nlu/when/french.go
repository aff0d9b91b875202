package when

import "sync"

var french = sync.OnceValue(func() *language {
	return compile("fr", dayFirst, append(frenchNumbers(), frenchRows...), frenchNever)
})

var frenchRows = []row{
	{cOne, 1, "un|une"},
	{cAndHalf, 2, "et demie|et demi"},
	{cAndHalf, 4, "et quart|et un quart"},
	{cSpan, 1800, "demi heure|une demi heure|demie heure|une demie heure|demi heures"},
	{cSpan, 900, "quart d heure|un quart d heure"},
	{cSpan, 2700, "trois quarts d heure|trois quart d heure"},
	{cSpan, 43200, "une demi journée|demi journée"},

	{cUnit, second, "seconde|secondes|sec"},
	{cUnit, minute, "minute|minutes|min|mn"},
	{cUnit, hour, "heure|heures"},
	{cUnit, day, "jour|jours"},
	{cUnit, week, "semaine|semaines"},
	{cUnit, month, "mois"},
	{cUnit, year, "an|ans|année|années"},
	{cLetter, second, "s"}, {cLetter, minute, "m"}, {cLetter, hour, "h"}, {cLetter, day, "j"},

	{cAnd, 0, "et"},
	{cIn, 0, "dans|d ici|en|au mois de|en l an|au mois d"},
	{cAgo, 0, "il y a|y a|ça fait"},
	{cAgo, 1, "plus tôt|auparavant"},
	{cFromNow, 0, "à partir de maintenant|à compter de maintenant"},

	{cDay, 0, "aujourd hui|aujourdhui"},
	{cDay, 1, "demain"},
	{cDay, -1, "hier"},
	{cDay, 2, "après demain"},
	{cDay, -2, "avant hier"},
	{cDayPart, dayPart(0, evening), "ce soir"},
	{cDayPart, dayPart(0, morning), "ce matin"},
	{cDayPart, dayPart(0, afternoon), "cet après midi|cette après midi"},
	{cDayPart, dayPart(0, night), "cette nuit"},
	{cDayPart, dayPart(0, midday), "ce midi"},
	{cPart, morning, "matin|matins|au matin"},
	{cPart, midday, "midi"},
	{cPart, afternoon, "après midi"},
	{cPart, evening, "soir|soirs|au soir"},
	{cPart, night, "nuit|nuits"},
	{cPartOf, morning, "du matin|dans la matinée"},
	{cPartOf, afternoon, "de l après midi|dans l après midi"},
	{cPartOf, evening, "du soir|dans la soirée"},
	{cPartOf, night, "dans la nuit|de la nuit"},

	{cRel, 0, "ce|cet|cette"},
	{cRel, 1, "prochain|prochaine|prochains|prochaines"},
	{cRel, -1, "dernier|dernière|derniers|dernières"},
	{cRelPost, 1, "prochain|prochaine|prochains|prochaines|qui vient|suivant|suivante"},
	{cRelPost, -1, "dernier|dernière|derniers|dernières|passé|passée|précédent|précédente"},
	{cArt, 0, "le|la|les|l"},
	{cOn, 0, "le|au"},
	{cOn, 1, "la|les|l"},
	{cAt, 0, "à|vers|dès|à environ|vers les"},
	{cOclock, 1, "h|heure|heures"},
	{cNoon, 12, "midi"},
	{cNoon, 0, "minuit"},
	{cMinusHour, -1, "moins|moins le"},
	{cPlusHour, 1, "et"},
	{cQuarter, 15, "quart|le quart"},

	{cMonth, 1, "janvier"}, {cMonth, 2, "février"}, {cWeakMonth, 3, "mars"}, {cMonth, 4, "avril"},
	{cWeakMonth, 5, "mai"}, {cMonth, 6, "juin"}, {cMonth, 7, "juillet"}, {cMonth, 8, "août"},
	{cMonth, 9, "septembre"}, {cMonth, 10, "octobre"}, {cMonth, 11, "novembre"}, {cMonth, 12, "décembre"},
	{cWeakMonth, 1, "janv|jan"}, {cWeakMonth, 2, "févr|fév"}, {cWeakMonth, 4, "avr"},
	{cWeakMonth, 7, "juil"}, {cWeakMonth, 9, "sept|sep"},
	{cWeakMonth, 10, "oct"}, {cWeakMonth, 11, "nov"}, {cWeakMonth, 12, "déc"},

	{cWeekday, 1, "lundi"}, {cWeekday, 2, "mardi"}, {cWeekday, 3, "mercredi"}, {cWeekday, 4, "jeudi"},
	{cWeekday, 5, "vendredi"}, {cWeekday, 6, "samedi"}, {cWeekday, 7, "dimanche"},
	{cWeakWeekday, 1, "lun"}, {cWeakWeekday, 2, "mar"}, {cWeakWeekday, 3, "mer"}, {cWeakWeekday, 4, "jeu"},
	{cWeakWeekday, 5, "ven"}, {cWeakWeekday, 6, "sam"}, {cWeakWeekday, 7, "dim"},
	{cWeekdays, 1, "lundis|les lundis"}, {cWeekdays, 2, "mardis|les mardis"}, {cWeekdays, 3, "mercredis|les mercredis"},
	{cWeekdays, 4, "jeudis|les jeudis"}, {cWeekdays, 5, "vendredis|les vendredis"}, {cWeekdays, 6, "samedis|les samedis"},
	{cWeekdays, 7, "dimanches|les dimanches"},

	{cEvery, 0, "chaque|tous les|toutes les|tous|toutes"},
	{cDiv, 2, "sur deux"}, {cDiv, 3, "sur trois"},
	{cFreq, day, "quotidiennement"}, {cFreq, week, "hebdomadairement|une fois par semaine"}, {cFreq, month, "mensuellement|une fois par mois"},
	{cFreq, year, "annuellement|une fois par an"}, {cFreq, day, "une fois par jour"}, {cFreq, hour, "une fois par heure"},
	{cHabit, 1, "en semaine|les jours ouvrables|les jours ouvrés|jours ouvrables|jours ouvrés"},
	{cHabit, 2, "les week ends|les weekends"},
	{cDays, 1, "jour ouvrable|jour ouvré|jours ouvrables|jours ouvrés|jour de semaine"},
	{cDays, 2, "week end|weekend|week ends|weekends|fin de semaine"},

	{cUntil, 0, "jusqu à|jusqu au|jusqu en|jusque|jusqu aux|jusqu"},
	{cSince, 0, "depuis|depuis le|depuis la"},
	{cStarting, 0, "à partir de|à partir du|à partir d|à compter du|à compter de|dès|dès le"},
	{cBefore, 0, "avant|avant le"},
	{cAfter, 0, "après|après le"},
	{cFrom, 0, "de|d"},
	{cFrom, 1, "du"},
	{cBetween, 0, "entre|entre le"},
	{cTo, 0, "à|au|jusqu à|jusqu au"},
	{cTimes, 0, "fois"},
	{cEdge, -1, "fin|la fin de|la fin du|fin de|fin du|à la fin de|à la fin du|à la fin"},
	{cEdge, 1, "début|le début de|le début du|début de|début du|au début de|au début du"},
	{cOf, 0, "de|du|d|en|au"},

	{cFollow, 1, "pendant|pour|durant"},
	{cFollow, 0, "avec|svp|s il|ou|mais|puis|si|que|car|et|dans|sur|au|aux|chez|par|merci|pile|précises"},
	{cSkip, 0, "bonne nuit|bon après midi|bonne après midi|bonne journée|bon week end|bon weekend|fois par|tout à l heure|à la une"},
	{cThing, 1, "port|version|ligne"},
	{cThing, 0, "salle|page|chapitre|numéro|nombre|canal|lignes|étape|niveau|échelle|note|chambre|serveur|serveurs|machine|machines|étage|quai|voie"},
}

// frenchNever are words that look like a misspelt month or day and are none,
// and words with an accent whose plain form is another word.
const frenchNever = "demain des domain auguste manche juliet"

// frenchNumbers are the numbers and ordinals in words, to 99 and to 31.
func frenchNumbers() []row {
	small := []string{"zéro", "un|une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
		"treize", "quatorze", "quinze", "seize", "dix sept", "dix huit", "dix neuf"}
	tens := []string{"", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre vingt", "quatre vingt"}
	rows := []row{
		{cOrdEnd, 0, "er|ère|e|ème|eme|nd|nde"},
		{cOrd, 1, "premier|première|premiers"}, {cOrd, 2, "deuxième|second|seconde"}, {cOrd, 3, "troisième"},
		{cOrd, 4, "quatrième"}, {cOrd, 5, "cinquième"}, {cOrd, 6, "sixième"}, {cOrd, 10, "dixième"},
	}
	for n := 2; n < 100; n++ {
		ten, rest := n/10, n%10
		if ten == 7 || ten == 9 {
			rest += 10
		}
		name := ""
		switch {
		case n < 20:
			name = small[n]
		case rest == 0 && ten == 8:
			name = "quatre vingts|quatre vingt"
		case rest == 0:
			name = tens[ten]
		case rest == 1 && ten < 7:
			name = tens[ten] + " et un|" + tens[ten] + " et une|" + tens[ten] + " un"
		case n == 71:
			name = "soixante et onze"
		case rest == 1:
			name = tens[ten] + " un"
		default:
			name = tens[ten] + " " + small[rest]
		}
		rows = append(rows, row{cNum, n, name})
	}
	return append(rows, row{cNum, 0, small[0]}, row{cNum, 1, small[1]})
}
