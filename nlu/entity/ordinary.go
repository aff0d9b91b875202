package entity

// isFunctionWord reports whether w is a word that any sentence may have. A name
// that is one counts only in quotation marks, after @ or # or after the name of
// its kind. Words are folded, without accents, in four languages.
func isFunctionWord(w []byte) bool { return len(w) <= 9 && functionWords[string(w)] }

var functionWords = wordSet(`a an the this that these those i me my mine you your yours he him his she her hers it its we us our ours
	they them their theirs who whom whose which what when where why how and or but if then else so as at by for from in into
	of off on onto out over to up down under with without is am are was were be been being do does did done have has had
	can could may might must shall should will would not no yes all any some each every both more most other such only own
	same than too very just now here there again also please thanks thank hi hello hey ok okay get got let lets one ones
	after before about
	der die das den dem des ein eine einen einem einer eines ich mich mir mein meine du dich dir dein deine er ihn ihm sein seine sie ihr ihre
	es wir uns unser unsere euch euer und oder aber wenn dann als ob wie was wer wo wann warum in im an am auf aus bei mit nach von vom zu
	zum zur uber unter vor hinter fur durch gegen ohne um ist bin bist sind war waren sein habe hast hat haben hatte kann
	kannst konnen soll sollen will wollen muss mussen darf wird werden wurde nicht kein keine nein ja alle alles auch nur noch schon
	sehr so hier da dort bitte danke hallo mal doch man
	le la les l un une des du de d je j me m moi mon ma mes tu te t toi ton ta tes il elle on nous vous ils elles notre votre nos vos leur
	leurs se s et ou mais si que qu qui quoi quand ou comment pourquoi dans en sur sous avec sans pour par chez vers a au aux est
	es sont suis etes etait ai as avons avez ont ne n pas plus non oui tout tous toute toutes aussi tres ici y ce cet cette ces c
	ca merci bonjour salut
	el lo los las uno una unos unas yo mi mis tu tus te ti el ella ello nosotros ellos ellas su sus se nos y e o u pero si que
	quien cual cuando donde como por porque para con sin en a al del desde hasta sobre es son soy eres esta estan estoy era fue
	ser estar ha he hay no ni muy mas menos tambien este esta esto ese esa eso aqui alli gracias hola todo todos toda todas ya`)

// isCommonWord reports whether w is a word so common that it is no typing
// mistake in a name. Words of fewer than minTypo-1 letters need not be listed.
func isCommonWord(w []byte) bool {
	return commonWords[string(w)] || functionWords[string(w)]
}

var commonWords = wordSet(`machine machines server servers host hosts room rooms event events person people user users group groups team teams
	list lists show shows tell send sends sent post posts write read call calls text texts mail mails email emails message messages
	subscribe unsubscribe status state check checks start starts started stop stops stopped restart reboot running runs
	remind reminder reminders create delete remove removed change changes changed update updates open close closed join leave invite
	cancel cancelled book meet meeting meetings today tomorrow yesterday morning evening night noon week weeks month months year years
	hour hours minute minutes second seconds monday tuesday wednesday thursday friday saturday sunday
	first last next help good great fine nice well right wrong true false much many little long short late later early soon still
	never always often maybe sure know think want need like love hate look looks find found give gives take takes make makes made
	work works worked working going gone come comes back about above below after again against because before between during
	everyone everybody anyone somebody something anything nothing everything someone house table water phone number numbers
	name names note notes word words line lines page pages file files time times date dates place places point
	issue issues problem problems error errors question answer answers review standup lunch dinner break report reports
	would should could there their where which while other others these those under until
	zeige zeig liste listen starte stoppe schicke schick sende sende schreib schreibe sagen sage erinnere lauft laufen gestoppt
	maschine maschinen rechner raum raume person personen benutzer gruppe gruppen termin termine heute morgen gestern abend mittag
	woche wochen monat monate jahr jahre stunde stunden minute minuten sekunde sekunden montag dienstag mittwoch donnerstag freitag
	samstag sonntag nachste letzte erste gut schlecht viel viele wenig lang kurz spat spater immer nie vielleicht wissen
	machen macht mache gehen geht ging kommen kommt keine meine deine seine unsere eure ihnen wieder gegen zwischen wahrend weil
	nachricht nachrichten liebe lieber hilfe frage fragen antwort fehler problem probleme bericht pause zeit name namen nummer
	montre montrer liste lister dis dire envoie envoyer ecris ecrire rappelle marche marchent serveur serveurs salle salles personne
	personnes utilisateur groupe groupes reunion reunions aujourd demain hier matin soir midi semaine semaines mois annee annees
	heure heures lundi mardi mercredi jeudi vendredi samedi dimanche prochain prochaine dernier derniere premier premiere bonne
	mauvais beaucoup longtemps tard toujours jamais faire fait aller venir entre pendant parce encore erreur probleme question
	reponse rapport pause temps nom noms nombre numero message messages
	muestra mostrar lista listar dime decir envia enviar escribe escribir recuerda maquina maquinas servidor servidores sala salas
	persona personas usuario grupo grupos evento eventos reunion reuniones hoy manana ayer noche tarde mediodia semana semanas
	mes meses hora horas minuto minutos segundo segundos lunes martes miercoles jueves viernes sabado domingo proximo proxima
	ultimo ultima primero primera bueno buena malo mala mucho muchos poco largo corto siempre nunca quiza hacer hace venir
	entre durante porque todavia error problema pregunta respuesta informe tiempo nombre nombres numero mensaje mensajes
	able account across actually added again agree almost alone along already although amount another anyway apart area around away
	bank base began begin behind believe best better beyond bill black blue board body bring brown build building built business
	called care case cause center certain chance child children city class clear color common company complete cost couple course
	cover current daily data dead deal deep detail device different door drive drop each early easy either else enough entire even ever
	exact example expect face fact fall family fast father feel field figure fill final finish fire fish floor follow food foot force
	form forward free friend full future game garden girl glass gold grand green ground grow half hand happen happy hard head hear heart
	heavy high hold home hope hotel human idea important include inside interest keep kind kitchen land large lead learn left less letter
	level life light likely listen load local lost lower main major manage manager market match matter mean member memory middle might
	mind miss mobile money mother mouth move movie music near network news north object offer office order outside paper parent part parts
	party pass past people perfect photo picture piece plan plane plant play plus police power present press price print printed printing
	probably process product program project public pull push quick quiet quite rain raining raise range rate rather reach ready real
	reason receive record release repeat request rest result return rich ride ring rise river road rock route routes rule safe sale save
	school science search season seat section seem self sell sense serious serve service session several shape share shop shot side sign
	simple single sister site size skin sleep slow small snow social soft song sort sound source south space speak special speed spend
	spring square stage stand star station stay step stone store story street strong study stuff summer support surface system talk teach
	term test thing though through throw ticket together tone tool total touch toward town track trade train trains travel tree trip truck
	trust turn type unit value view visit voice wait walk wall warm watch wear weather wedding weight west whatever wheel white whole wide
	wife wind window winter wish within woman women wonder wood world worry yellow young
	arbeit auto bahn beispiel bild brief bruder buch buro chef computer dorf ecke eltern essen familie farbe fenster fest feuer firma
	freund freunde garten geld geschichte glas grund hand haus hause herz himmel hund karte kind kinder kirche kopf kraft kunde kunden
	kunst land leben leute licht luft mann mensch menschen mutter nacht plan platz preis rechnung recht regen reise satz schule schwester
	seite sohn sommer sonne spiel sprache stadt stein stimme strasse stuck tasche tisch tochter vater wagen wald wand wasser wein welt
	wetter wind winter wort worte zahl zimmer bitte gerade genau eigentlich einfach ziemlich etwas jemand niemand
	argent arbre bureau carte chambre chat chef chemin chose choses classe coeur corps cote couleur cours dans deja donc eau enfant enfants
	ensemble exemple famille femme fenetre fille film fils fleur fois force forme frere garcon gens grand grande guerre histoire homme
	idee jardin jeu jour journee jours lettre livre livres maison main marche mere mode moment monde mort musique nouveau nouvelle ordre
	page papier part partie pays pere petit petite peur pied place plan plein point porte premier presque prix probleme quelque quelques
	route sens seul seule soeur sorte sujet table terre tete train travail vent ville vite vivre voiture voix vraiment
	agua ahora amigo amigos arte bajo banco bien buena caja calle calor cama cambio camino campo cara carta casa casi caso centro cerca
	cierto cine ciudad clase claro coche color comida cosa cosas cuenta cuerpo datos dentro derecho dinero edad ejemplo empresa
	escuela estado familia favor fecha fiesta final forma frente fuera fuerza gente grande guerra hecho hermano hija hijo historia hombre
	idea igual juego junto lado largo libro libros luego lugar luz madre mano mejor menos mercado mesa mismo momento mujer mundo musica
	nada nadie nino ninos nueva nuevo padre pais palabra papel parte paso pelo pequeno perro peso plan playa plaza precio puerta punto
	queso razon realidad resto salud sangre seguro sentido serie sistema sitio suelo tema tierra tipo trabajo tren verdad vida viejo voz`)

// isKindWord reports whether w says that a name of a kind follows: "machine it".
func isKindWord(w []byte, kind string) bool {
	if of := kindWords[string(w)]; of != "" {
		return of == "any" || of == kind
	}
	return string(w) == kind
}

var kindWords = func() map[string]string {
	m := make(map[string]string)
	for kind, words := range map[string]string{
		KindMachine: "machine server host box device maschine rechner gerat serveur maquina servidor equipo",
		KindRoom:    "room channel raum kanal salle salon sala canal",
		KindPerson:  "person user benutzer personne utilisateur persona usuario",
		KindEvent:   "event meeting termin evenement evento",
		"any":       "called named name namens appele appelee nomme nommee llamado llamada",
	} {
		for w := range wordSet(words) {
			m[w] = kind
		}
	}
	return m
}()

func isMinusWord(w []byte) bool {
	switch string(w) {
	case "minus", "negative", "moins", "menos", "negatif":
		return true
	}
	return false
}

// isClockWord reports whether a minus after w is part of a time: "deux heures
// moins cinq".
func isClockWord(w []byte) bool {
	switch string(w) {
	case "heure", "heures", "h", "midi", "minuit", "hora", "horas", "mediodia", "medianoche":
		return true
	}
	return false
}

func isPercentWord(w []byte) bool {
	switch string(w) {
	case "percent", "prozent", "pct":
		return true
	}
	return false
}

// isBeforeOne reports whether one is a pronoun after w.
func isBeforeOne(w []byte) bool { return beforeOne[string(w)] }

var beforeOne = wordSet(`this that the these those which no any every each some last next first second third fourth fifth final
	other another right wrong new old good bad best same only my your his her our their big small little current previous
	latest newest oldest whichever loved dear`)

// isSecond reports whether w is both an ordinal and a unit of time.
func isSecond(w []byte) bool {
	switch string(w) {
	case "second", "seconde", "secondes", "seconds", "segundo", "segundos", "segundas":
		return true
	}
	return false
}

// isFractionWord reports whether w is a fraction after a number or an article.
func isFractionWord(w []byte) bool {
	switch string(w) {
	case "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "cuarto", "cuarta", "tercio", "hundredth":
		return true
	}
	return false
}

// isBeforeUnit reports whether a unit or a fraction follows w, not an ordinal.
func isBeforeUnit(w []byte) bool {
	switch string(w) {
	case "a", "an", "per", "one", "un", "une", "par", "por", "chaque", "cada", "half", "split", "few", "quelques", "this":
		return true
	}
	return false
}

// isTimeWord reports whether last week is a time and not the last of a list.
func isTimeWord(w []byte) bool { return timeWords[string(w)] }

var timeWords = wordSet(`second seconds minute minutes hour hours day days week weeks weekend weekends month months quarter year years night
	evening morning afternoon summer winter spring autumn fall time times century decade
	monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
	sekunde sekunden minute minuten stunde stunden tag tage tagen woche wochen wochenende monat monate monaten quartal jahr jahre jahren nacht
	abend mal male montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar februar marz mai juni juli oktober dezember
	sommer herbst fruhling
	seconde secondes heure heures jour jours semaine semaines mois trimestre an ans annee annees nuit soir matin fois
	lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
	ete hiver printemps automne
	segundo segundos minuto minutos hora horas dia dias semana semanas mes meses ano anos noche tarde manana vez veces
	lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre noviembre diciembre
	verano invierno otono primavera`)

func isGermanDeterminer(w []byte) bool {
	switch string(w) {
	case "der", "die", "das", "den", "dem", "des", "am", "zum", "zur", "beim", "im", "vom", "jeder", "jede", "jedes", "jeden", "jedem", "ein", "eine",
		"einen", "einem", "einer", "mein", "meine", "meinen", "dein", "deinen", "ihr", "ihren", "sein", "seinen", "unser", "unseren":
		return true
	}
	return false
}
