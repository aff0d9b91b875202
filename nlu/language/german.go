package language

var german = table{
	tag: "de",
	words: `
der die das den dem des ein eine einen einem einer eines und oder aber doch nicht kein keine keinen keinem keiner keines nichts nix nie
ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen sich man mein meine meinen meinem meiner dein deine deinen deinem deiner
sein seine seinen seinem seiner ihre ihren ihrem ihrer unser unsere unseren euer eure dieser diese dieses diesen diesem jeder jede jedes jeden
jemand niemand alle alles allen aller etwas was wer wen wem wie wo wann warum wieso weshalb woher wohin welche welcher welches welchen welchem
ist sind war waren bin bist seid gewesen wird werden wurde wurden worden werde wirst hat haben habe hast habt hatte hatten gehabt kann kannst
können könnt konnte könnte könntest könnten muss musst müssen musste soll sollst sollen sollte sollten will willst wollen wollte
möchte möchtest möchten mag magst darf darfst dürfen mach mache machst macht machen gemacht geht gehts gehen ging gegangen geh
gibt gib geben gab gegeben komm komme kommt kommen kam gekommen sag sage sagt sagen gesagt weiß weisst wissen wusste
zeig zeige zeigt zeigen schick schicke schickt schicken geschickt send sende senden gesendet schreib schreibe schreiben geschrieben lies lesen
such suche suchen finde finden gefunden hol hole holen nimm nehmen stell stelle stellen leg lege legen setz setze setzen füge hinzu hinzufügen
lösch lösche löschen gelöscht entfern entferne entfernen änder ändere ändern erstell erstelle erstellen anlegen starte starten gestartet
stopp stoppe stoppen läuft laufen lief lauf neustarten schalte schalten einschalten ausschalten aus an ein auf zu ab mit von vom bei beim
nach vor seit für gegen ohne um durch über unter zwischen hinter neben im in ins am ans zum zur bis aufs übers
öffne öffnen schließ schließe schließen geschlossen prüf prüfe prüfen schau schaue schauen guck gucken sieh sehen sieht gesehen
hilf hilft helfen hilfe ruf rufe rufen anrufen angerufen anruf antworte antworten geantwortet antwort frag frage fragen
erinner erinnere erinnern erinnerung erinnerungen merk merken vergiss vergessen verschieb verschiebe verschieben absagen sagt abgesagt melde meldet melden
abonnier abonniere abonnieren abbestellen benachrichtige benachrichtigen meldung meldungen nachricht nachrichten bescheid warnung
termin termine terminen treffen besprechung veranstaltung veranstaltungen kalender raum zimmer maschine maschinen rechner gerät geräte
fehler problem probleme kaputt defekt langsam schnell erreichbar verfügbar besetzt frei offen kunde kunden fehlgeschlagen abgestürzt
bitte danke dankeschön hallo tschüss servus moin guten gute gut guter tag morgen abend nacht mittag nachmittag heute gestern übermorgen vorgestern
ja nein doch klar genau gerne gern leider vielleicht wirklich eigentlich schon noch wieder immer oft manchmal bald später jetzt gerade
eben mal halt denn dann da dort hier dahin daher davon damit dazu dafür darüber darauf drauf raus rein weg los bloß nur auch sehr zu ganz
viel viele vielen mehr wenig weniger meist mindestens fast genug so also deshalb trotzdem außerdem sonst als wenn ob weil dass damit obwohl während bevor
montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august september oktober november dezember
woche wochen monat monate jahr jahre jahren stunde stunden minute minuten sekunde sekunden uhr halb viertel zeit mal tage tagen wochenende
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig erste ersten erster zweite zweiten dritte letzte letzten letzter nächste nächsten nächster
neu neue neuen neues neuer alt alte alten groß große klein kleine lang lange kurz besser beste am liebsten schlecht schlimm egal richtig falsch
lass lasst lassen gelassen bleib bleiben halte halten warte warten wart denk denke denken glaub glaube glauben brauch brauche braucht brauchen heißt heißen
funktioniert funktionieren passiert passieren liegt liegen steht stehen kriege kriegen bekomme bekommen bekommt spiel spiele spielen kaufen kostet bezahlen
wetter regen regnet warm kalt geld konto karte haus büro leute freund musik lied essen auto stadt welt arbeit arbeiten wort name namens nummer liste listen
irgendwas irgendwer irgendwie irgendwo jemanden niemanden selbst zusammen allein bereits sofort gleich überhaupt nochmal einmal zurück weiter
tut tun getan weckt wecker stelle licht küche tagesordnung bereitschaft rufbereitschaft übersetze sprich sprechen deutsch ausgefallen
liebe liebst hasse magst lustig langweilig glücklich traurig sauer müde hungrig hübsch schön verrückt bereit krank hoffe wünsche wundere vermute stimmt kümmern sorge sorgen
heiraten geboren geburtstag vater mutter bruder schwester kind kinder mädchen junge mensch menschen roboter fragen antworten buchstabiere rechne plus minus prozent hälfte
summe betrag guthaben rechnung rechnungen zahlung überweisung überweisen abheben einzahlen kredit zinsen steuern versicherung gehalt gebühr gebühren reise reisen flug flughafen zug
bus fahrt fahren strecke weg straße adresse nähe restaurant abendessen mittagessen frühstück rezept kochen einkaufen laden bestellung bestellen bestellt lieferung geliefert paket
temperatur grad vorhersage schnee sonnig wolken wind gewitter schirm jacke album künstler lieder film filme kino buch bücher bewerte bewerten bewertung sterne nachrichten neuigkeiten
punkte spiele lautstärke lauter leiser timer wecker uhrzeit datum münze würfel zufall witz geschichte bedeutung hauptstadt einwohner einstellung einstellungen modus stimme sprache sprachen
wiederhole wiederholen pausieren überspringen fortsetzen anfrage auskunft hinweis rat vorschlag vorschlagen empfehlen empfiehl erkläre erklären beschreibe vergleiche firma chef
urlaub ferien arzt gesund batterie motor verloren gestohlen abgelaufen aktivieren aktiviert prüfung antrag genehmigt grenze erhöhen verringern verbessern finde ort weit laut leise
hell dunkel heiß kühl fenster tür boden strom lampe anmelden abmelden angemeldet mitmachen kündigen ersetzen ersatz zurücksetzen ursprünglich richtig ordentlich genauer besonders
spielt zeigt spielen stelle buche buchen reserviere füg zur bewerten läufts stehts heißt wetterbericht erinnerungen morgens abends nachts mittags vormittag nachmittags täglich wöchentlich
`,
	text: `
Wie ist der Zustand des Mailservers gerade? Läuft die Datenbank noch? Er ist schon seit drei Stunden nicht mehr erreichbar.
Wie lange geht das jetzt so? Kannst du mir die Liste aller Maschinen zeigen, die wir überwachen? Welche davon sind ausgefallen?
Ich möchte wissen, wann die nächste Besprechung anfängt und wer daran teilnimmt. Könntest du mir bitte Bescheid geben, wenn er wieder da ist?
Erinnere mich bitte zehn Minuten vor dem Gespräch. Mit der Webseite stimmt etwas nicht und niemand hat es sich bisher angesehen.
Sag mir, falls etwas passiert. Davon will ich nichts mehr hören. Richte den anderen aus, dass ich mich verspäte.
Wir sollten uns anschauen, was letzte Nacht geschehen ist. Die Kundin schreibt, dass sie sich seit gestern früh nicht anmelden kann.
Vielen Dank für deine Hilfe, das war alles, was ich wissen wollte. Guten Morgen, wie geht es dir heute? Mir geht es gut, danke.
Schalte es aus und wieder ein. Trag einen weiteren Raum in den Kalender ein und lade alle ein, die mit uns arbeiten. Schick mir das nicht mehr.
Sag meinen Termin am Freitagnachmittag ab und verlege ihn auf nächste Woche. Wie spät ist es dort? Wie viele Leute kommen denn?
Das funktioniert nicht so, wie es soll. Hast du den Bericht bekommen, den ich dir geschickt habe? Ja, aber ich hatte noch keine Zeit dafür.
Macht nichts, ich habe es selbst gefunden. Wo finde ich die Protokolle der Sicherung? Die wurden in einen anderen Ordner verschoben.
Gibt es sonst noch etwas zu tun, bevor wir gehen? Einen Augenblick, ich bin gleich wieder da. Das hätte nicht passieren dürfen.
Wer hat das Ticket geschlossen und warum? Der Fehler war behoben, kam aber mit der neuen Version zurück. Stell den Wecker auf sieben Uhr.
Wie ändere ich mein Passwort? Ich würde gern mit jemandem über mein Konto sprechen. Weshalb wurde meine Karte abgelehnt?
Wie wird das Wetter am Wochenende? Muss ich morgen einen Schirm mitnehmen? Spiel etwas Musik aus meiner Lieblingsliste.
Meine Bestellung ist immer noch nicht angekommen, ich hätte gern mein Geld zurück. Was kostet eine Überweisung ins Ausland?
Kannst du erklären, was dabei schiefgegangen ist? Es sieht so aus, als wäre die Festplatte voll. Inzwischen läuft alles wieder einwandfrei.
Kurz gesagt hat sich nichts geändert. Ich dachte, darauf hätten wir uns längst geeinigt. Deine Anfrage wurde leider nicht gefunden.
Sollen wir warten, bis sie fertig sind, oder fangen wir ohne sie an? Mach, was du für richtig hältst. Behalte das bitte im Auge.
Sorge dafür, dass das Licht in der Küche brennt, wenn ich nach Hause komme. Welches davon soll ich nehmen? Mir ist beides recht.
Weck mich, wenn die Temperatur über dreißig Grad steigt. Wiederhole das in einer halben Stunde. Die ersten drei sind erledigt, lösch den Rest.
Wie sind eure Öffnungszeiten? Woher kommst du? Wie alt bist du? Wer hat dich gemacht? Sprichst du noch andere Sprachen? Erzähl mir einen Witz.
Sie sagte, dass es wieder Schwierigkeiten mit dem Netzwerk gab. Er meint, es könnte an der Firewall gelegen haben, ich bezweifle das jedoch.
Plane jeden Montag um neun eine Durchsicht mit der ganzen Mannschaft. Notiere, dass wir mehr Stühle brauchen. Such die Telefonnummer heraus.
Sind neue Vorgänge eingegangen? Weise mir den hier zu. Setz ihn ganz nach oben in der Warteschlange. Nichts ist wichtiger als das.
`,
}
