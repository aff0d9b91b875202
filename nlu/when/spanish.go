package when

import "sync"

var spanish = sync.OnceValue(func() *language {
	return compile("es", dayFirst, append(spanishNumbers(), spanishRows...), spanishNever)
})

var spanishRows = []row{
	{cOne, 1, "un|una"},
	{cNum, 2, "un par de"},
	{cAndHalf, 2, "y media|y medio"},
	{cAndHalf, 4, "y cuarto"},
	{cSpan, 1800, "media hora|una media hora"},
	{cSpan, 900, "cuarto de hora|un cuarto de hora"},
	{cSpan, 2700, "tres cuartos de hora"},
	{cSpan, 30, "medio minuto"},
	{cSpan, 43200, "medio día|medio dia"},

	{cUnit, second, "segundo|segundos|seg"},
	{cUnit, minute, "minuto|minutos|min"},
	{cUnit, hour, "hora|horas|hs"},
	{cUnit, day, "día|días"},
	{cUnit, week, "semana|semanas"},
	{cUnit, month, "mes|meses"},
	{cUnit, year, "año|años"},
	{cLetter, second, "s"}, {cLetter, minute, "m"}, {cLetter, hour, "h"}, {cLetter, day, "d"},

	{cAnd, 0, "y|e"},
	{cIn, 0, "en|dentro de|de aquí a|en el año|en el mes de"},
	{cAgo, 0, "hace"},
	{cAgo, 1, "atrás|antes"},
	{cFromNow, 0, "a partir de ahora|desde ahora"},

	{cDay, 0, "hoy"},
	{cDay, 1, "mañana|el día de mañana"},
	{cDay, -1, "ayer"},
	{cDay, 2, "pasado mañana"},
	{cDay, -2, "anteayer|antes de ayer|antier"},
	{cDayPart, dayPart(0, evening), "esta noche"},
	{cDayPart, dayPart(0, morning), "esta mañana"},
	{cDayPart, dayPart(0, afternoon), "esta tarde"},
	{cDayPart, dayPart(-1, evening), "anoche"},
	{cPart, morning, "mañana|mañanas|temprano"},
	{cPart, afternoon, "tarde|tardes"},
	{cPart, evening, "noche|noches"},
	{cPart, midday, "mediodía|al mediodía"},
	{cPartOf, morning, "de la mañana|por la mañana|en la mañana"},
	{cPartOf, afternoon, "de la tarde|por la tarde|en la tarde"},
	{cPartOf, evening, "de la noche|por la noche|en la noche"},
	{cPartOf, smallHours, "de la madrugada|por la madrugada"},
	{cPartOf, midday, "del mediodía"},

	{cRel, 0, "este|esta|estos|estas"},
	{cRel, 1, "próximo|próxima|próximos|próximas"},
	{cRel, -1, "último|última|últimos|últimas|pasado|pasada"},
	{cRelPost, 1, "próximo|próxima|que viene|que vienen|siguiente"},
	{cRelPost, -1, "pasado|pasada|anterior|pasados|pasadas"},
	{cArt, 0, "el|la|los|las"},
	{cOn, 0, "el|el día"},
	{cOn, 1, "la|los|las"},
	{cAt, 0, "a las|a la|sobre las|a eso de las|hacia las"},
	{cAt, 1, "las|la"},
	{cOclock, 1, "h|hs|horas|hora"},
	{cOclock, 2, "en punto"},
	{cAmPm, 0, "am|a m"},
	{cAmPm, 12, "pm|p m"},
	{cNoon, 12, "mediodía|el mediodía|a mediodía|al mediodía"},
	{cNoon, 0, "medianoche|la medianoche|a medianoche"},
	{cMinusHour, -1, "menos"},
	{cPlusHour, 1, "y"},
	{cQuarter, 15, "cuarto"},

	{cMonth, 1, "enero"}, {cMonth, 2, "febrero"}, {cMonth, 3, "marzo"}, {cWeakMonth, 4, "abril"},
	{cMonth, 5, "mayo"}, {cMonth, 6, "junio"}, {cWeakMonth, 7, "julio"}, {cMonth, 8, "agosto"},
	{cMonth, 9, "septiembre|setiembre"}, {cMonth, 10, "octubre"}, {cMonth, 11, "noviembre"}, {cMonth, 12, "diciembre"},
	{cWeakMonth, 1, "ene"}, {cWeakMonth, 2, "feb"}, {cWeakMonth, 3, "mar"}, {cWeakMonth, 4, "abr"},
	{cWeakMonth, 6, "jun"}, {cWeakMonth, 7, "jul"}, {cWeakMonth, 8, "ago"}, {cWeakMonth, 9, "sep|sept"},
	{cWeakMonth, 10, "oct"}, {cWeakMonth, 11, "nov"}, {cWeakMonth, 12, "dic"},

	{cWeekday, 1, "lunes"}, {cWeekday, 2, "martes"}, {cWeekday, 3, "miércoles"}, {cWeekday, 4, "jueves"},
	{cWeekday, 5, "viernes"}, {cWeekday, 6, "sábado"}, {cWeekday, 7, "domingo"},
	{cWeakWeekday, 1, "lun"}, {cWeakWeekday, 2, "mar"}, {cWeakWeekday, 3, "mié"}, {cWeakWeekday, 4, "jue"},
	{cWeakWeekday, 5, "vie"}, {cWeakWeekday, 6, "sáb"}, {cWeakWeekday, 7, "dom"},
	{cWeekdays, 1, "los lunes"}, {cWeekdays, 2, "los martes"}, {cWeekdays, 3, "los miércoles"},
	{cWeekdays, 4, "los jueves"}, {cWeekdays, 5, "los viernes"}, {cWeekdays, 6, "los sábados|sábados"},
	{cWeekdays, 7, "los domingos|domingos"},

	{cEvery, 0, "cada|todos los|todas las"},
	{cFreq, day, "diariamente|a diario"}, {cFreq, week, "semanalmente"}, {cFreq, month, "mensualmente"},
	{cFreq, year, "anualmente"}, {cFreq, hour, "cada hora"}, {cFreq, fortnight, "quincenalmente"},
	{cDiv, 2, "sí y otro no|de cada dos"},
	{cHabit, 1, "entre semana|los días laborables|los días hábiles|días laborables|días hábiles"},
	{cHabit, 2, "los fines de semana|fines de semana"},
	{cDays, 1, "día laborable|día hábil|días laborables|días hábiles"},
	{cDays, 2, "fin de semana|fines de semana"},

	{cUntil, 0, "hasta|hasta el|hasta la|hasta las"},
	{cSince, 0, "desde|desde el|desde la|desde las"},
	{cStarting, 0, "a partir de|a partir del|a partir de las|a partir de la"},
	{cBefore, 0, "antes de|antes del|antes de las|antes de la"},
	{cAfter, 0, "después de|después del|después de las|después de la"},
	{cFrom, 0, "de|desde|desde las|desde el"},
	{cFrom, 1, "del|desde el"},
	{cBetween, 0, "entre|entre el"},
	{cTo, 0, "a|al|hasta|hasta el|hasta las"},
	{cTimes, 0, "veces"},
	{cEdge, -1, "fin de|fin del|final de|final del|finales de|a fin de|a finales de|a final de|el fin de"},
	{cEdge, 1, "principio de|principio del|principios de|a principios de|comienzo de|inicio de|a inicios de"},
	{cOf, 0, "de|del|en"},

	{cFollow, 1, "durante|por|para"},
	{cFollow, 0, "con|o|pero|entonces|si|que|porque|y|en|al|vía|gracias|aproximadamente"},
	{cSkip, 0, "buenos días|buenas tardes|buenas noches|veces al|vez al|hoy en día|una vez|más tarde|a la vez"},
	{cThing, 1, "puerto|versión|línea"},
	{cThing, 0, "sala|página|capítulo|número|números|canal|líneas|paso|pasos|nivel|escala|nota|habitación|servidor|servidores|máquina|máquinas|piso|andén"},
}

// spanishNever are words that look like a misspelt month or day and are none.
const spanishNever = "jueces sabido sabida salado domino dominó manada manzana vienes vienen vieres viernas juevos dominio dominios agostos angosto martas martillo vierte"

// spanishNumbers are the numbers and ordinals in words, to 99 and to 31.
func spanishNumbers() []row {
	small := []string{"cero", "uno|una|un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
		"trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno|veintiún|veintiuna",
		"veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"}
	tens := []string{"", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"}
	units := []string{"", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"}
	rows := []row{
		{cOrdEnd, 0, "er|ro|o|a|ra|do"},
		{cOrd, 1, "primer|primero|primera"}, {cOrd, 2, "segundo|segunda"}, {cOrd, 3, "tercer|tercero|tercera"},
		{cOrd, 4, "cuarto|cuarta"}, {cOrd, 5, "quinto|quinta"},
	}
	for n := range 100 {
		switch {
		case n < 30:
			rows = append(rows, row{cNum, n, small[n]})
		case n%10 == 0:
			rows = append(rows, row{cNum, n, tens[n/10]})
		default:
			rows = append(rows, row{cNum, n, tens[n/10] + " y " + units[n%10]})
		}
	}
	return rows
}
