package language

// germanic are the neighbours of English and German, known so that they are
// not taken for them.
func germanic() []table {
	return []table{{tag: "nl", words: `
de het een en of maar niet geen van in op te aan met voor bij naar uit om tot over door zonder tegen na sinds is zijn ben bent was waren wordt worden werd
heeft heb hebt hebben had kan kun kunt kunnen kon moet moeten mag wil wilt willen zou zal zullen gaat ga gaan doe doet doen gedaan maak maken ik jij je u hij
zij ze wij we jullie hun hen hem haar mij me mijn jouw uw ons onze dit dat deze die wat wie waar wanneer hoe waarom welke welk er hier daar nu dan toch ook nog al
weer steeds altijd nooit soms vaak vandaag morgen gisteren straks later eerst laatste volgende nieuwe goed goede goedemorgen goedenavond dank bedankt dankjewel
alsjeblieft graag hallo hoi doei ja nee misschien iets niets iemand niemand alles alle allemaal elke veel weinig meer minder heel erg zo te laat laten zien toon
stuur sturen geef geven zet zetten voeg verwijder stop zoek vind help helpen herinner vergeet vertel zeg zeggen vergadering afspraak bericht berichten
werkt werken kapot stuk draait bereikbaar machines computer uur minuten dag dagen week weken maand jaar lijst staat komt komen kom hoeveel lang tijd mee eens even
weet weten bel bellen ervan erg onder uur heen weg terug niks doen ander andere anders zelf want omdat als toen terwijl eerste
`, text: `
Hoe gaat het vandaag met de server? Hij doet het al niet meer sinds vanochtend. Kun je me de lijst laten zien van alle machines die we bewaken?
Ik zou graag willen weten wanneer de volgende vergadering begint en wie er komt. Laat het me even weten als hij weer terug is. Wat is er gebeurd?
Herinner me eraan om over tien minuten de klant te bellen. Er is iets mis met de website en niemand heeft er nog naar gekeken. Heel erg bedankt.
Goedemorgen allemaal, hoe is het? Zeg mijn afspraak van vrijdag af en verplaats hem naar volgende week. Hoe laat is het daar? Hoeveel mensen komen er?
Ik moet met iemand over mijn rekening praten. Waarom is mijn kaart geweigerd? Waar kan ik die vinden? Dat weet ik nog niet. Zet de lamp uit.
Voeg een nieuwe kamer toe en nodig de anderen uit. Gaat het morgen regenen? Hoeveel kost dat? Het is goed zo. Wie heeft er dienst vannacht?
Is er nog nieuws over het probleem van gisteren? Ik kom wat later. Hou op met die berichten. Wat kun je allemaal? Vergeet het maar, laat zitten.
`}, {tag: "sv", words: `
och eller men inte ingen inget är var vara varit blir bli blev har hade ha kan kunde ska skulle måste får vill ville gör göra gjort går gå gick kommer
komma en ett den det de dem denna detta dessa som att om på i av till från med för utan mellan under över efter innan hos vid jag du han hon vi ni mig
dig sig oss er min mitt mina din ditt dina sin hans hennes vår vårt vad vem vilken vilket vilka när hur varför var här där nu då sedan också ännu redan
alltid aldrig ibland ofta idag imorgon igår senare först sista nästa ny nya nytt bra god hej tack snälla ja nej kanske något någon inga allt alla varje
mycket lite mer mindre så visa skicka lägg ta bort sök hitta hjälp hjälpa påminn glöm berätta säg möte möten meddelande maskiner server servern servrar
fungerar funkar nere uppe trasig timmar minuter dag dagar vecka månad år lista länge tid igen sen ut in upp ner mår vet veta ringa
`, text: `
Hur går det med servern idag? Den har inte fungerat sedan i morse. Kan du visa mig listan över alla maskiner som vi bevakar? Vad är klockan?
Jag skulle vilja veta när nästa möte börjar och vem som kommer. Säg till när den är tillbaka, tack. Vad hände i natt? Tack så mycket för hjälpen.
Påminn mig om att ringa kunden om tio minuter. Det är något fel på webbsidan och ingen har tittat på det ännu. God morgon allihopa, hur mår ni?
Ställ in mitt möte på fredag och flytta det till nästa vecka. Jag måste prata med någon om mitt konto. Varför nekades mitt kort? Jag vet inte än.
Lägg till ett nytt rum och bjud in de andra. Släck lampan i köket. Kommer det att regna imorgon? Vad kostar det? Det är bra så. Sluta med det där.
`}, {tag: "da", words: `
og eller men ikke ingen intet er var være været bliver blive blev har havde have kan kunne skal skulle må får vil ville gør gøre gjort går gå gik kommer
komme en et den det de dem denne dette disse som at om på i af til fra med for uden mellem under over efter inden hos ved jeg du han hun vi mig dig sig os
jer min mit mine din dit dine sin hans hendes vores hvad hvem hvilken hvilke hvornår hvordan hvorfor hvor her der nu så siden også endnu allerede altid
aldrig nogle nogen noget ofte dag i morgen går senere først sidste næste ny nye nyt god godt hej tak venligst ja nej måske alt alle hver meget lidt mere
mindre vis send tilføj fjern slet søg find hjælp hjælpe mind glem fortæl sig møde møder besked beskeder maskiner maskinerne server serveren virker nede
oppe timer minutter dage uge måned år liste længe tid igen ud ind op ned ringe ved vide sket
`, text: `
Hvordan går det med serveren i dag? Den har ikke virket siden i morges. Kan du vise mig listen over alle de maskiner, som vi overvåger? Hvad er klokken?
Jeg vil gerne vide, hvornår det næste møde begynder, og hvem der kommer. Sig til, når den er tilbage, tak. Hvad skete der i nat? Mange tak for hjælpen.
Mind mig om at ringe til kunden om ti minutter. Der er noget galt med hjemmesiden, og ingen har kigget på det endnu. Godmorgen alle sammen.
Aflys mit møde på fredag og flyt det til næste uge. Jeg skal tale med nogen om min konto. Hvorfor blev mit kort afvist? Det ved jeg ikke endnu.
Tilføj et nyt rum og inviter de andre. Sluk lyset i køkkenet. Bliver det regnvejr i morgen? Hvad koster det? Det er fint sådan. Hold op med det.
`}, {tag: "no", words: `
og eller men ikke ingen intet er var være vært blir bli ble har hadde ha kan kunne skal skulle må får vil ville gjør gjøre gjort går gå gikk kommer komme
en ei et den det de dem denne dette disse som at om på i av til fra med for uten mellom under over etter før hos ved jeg du han hun vi dere meg deg seg oss
min mitt mine din ditt dine sin hans hennes vår vårt hva hvem hvilken hvilke når hvordan hvorfor hvor her der nå da siden også ennå allerede alltid aldri
noen noe ofte dag i morgen går senere først siste neste ny nye nytt god godt bra hei takk vennligst ja nei kanskje alt alle hver mye litt mer mindre vis
send legg fjern slett søk finn hjelp hjelpe minn glem fortell si møte møter melding meldinger maskiner maskinene server serveren fungerer virker nede oppe
timer minutter dager uke måned år liste lenge tid igjen ut inn opp ned ringe vet vite skjedd
`, text: `
Hvordan går det med serveren i dag? Den har ikke virket siden i morges. Kan du vise meg listen over alle maskinene som vi overvåker? Hva er klokka?
Jeg vil gjerne vite når det neste møtet begynner og hvem som kommer. Si fra når den er tilbake, takk. Hva skjedde i natt? Tusen takk for hjelpen.
Minn meg på å ringe kunden om ti minutter. Det er noe galt med nettsiden, og ingen har sett på det ennå. God morgen alle sammen, hvordan har dere det?
Avlys møtet mitt på fredag og flytt det til neste uke. Jeg må snakke med noen om kontoen min. Hvorfor ble kortet mitt avvist? Jeg vet ikke ennå.
`}}
}
