package language

// slavic are languages of Latin script that are far from the four built in.
func slavic() []table {
	return []table{{tag: "pl", words: `
i w z na do od po za przez przed pod nad dla bez o u się nie tak jest są był była było być będzie jestem jesteś mam masz ma mamy mają co kto gdzie kiedy jak
dlaczego ile czy który która które jaki jaka jakie ja ty on ona my wy oni mnie mi ciebie ci jego jej nas was ich mój moja moje twój nasz ten ta to te tego
tym tu tam teraz dziś dzisiaj jutro wczoraj zawsze nigdy już jeszcze też bardzo dużo mało więcej mniej wszystko wszystkie każdy nic nikt coś ktoś ale albo
lub bo że żeby jeśli gdy dziękuję dzięki proszę cześć hej dobry dzień wieczór dobranoc pokaż wyślij dodaj usuń znajdź pomóż pomoc przypomnij powiedz zrób
mogę możesz może chcę chcesz trzeba spotkanie wiadomość wiadomości maszyny serwer serwera działa padł godzin minut dni tydzień następne lista długo znowu
zatrzymaj wyłącz włącz dlaczego jakiś wiem wiesz wszyscy sobie przy
`, text: `
Jak się dzisiaj ma serwer? Nie działa od rana. Czy możesz mi pokazać listę wszystkich maszyn, które obserwujemy? Która jest godzina?
Chciałbym wiedzieć, kiedy zaczyna się następne spotkanie i kto na nim będzie. Daj mi znać, kiedy wróci, proszę. Co się stało w nocy?
Przypomnij mi za dziesięć minut, żebym zadzwonił do klienta. Coś jest nie tak ze stroną i nikt jeszcze na to nie spojrzał. Bardzo dziękuję za pomoc.
Dzień dobry wszystkim. Odwołaj moje piątkowe spotkanie i przenieś je na przyszły tydzień. Muszę z kimś porozmawiać o moim koncie. Jeszcze nie wiem.
Dodaj nowy pokój i zaproś pozostałych. Zgaś światło w kuchni. Czy jutro będzie padać? Ile to kosztuje? Tak jest dobrze. Przestań to wysyłać.
`}, {tag: "cs", words: `
a i v ve z ze na do od po za přes před pod nad pro bez o u s se si ne ano je jsou byl byla bylo být bude jsem jsi mám máš má máme mají co kdo kde kdy jak
proč kolik jestli který která které jaký já ty on ona my vy oni mě mi tebe ti jeho její nás vás jejich můj moje tvůj náš ten ta to ty toho tady tam teď dnes
zítra včera vždy nikdy už ještě taky také velmi hodně málo více méně všechno všechny každý nic nikdo něco někdo ale nebo protože že aby když děkuji díky prosím
ahoj dobrý den večer ukaž pošli přidej smaž najdi pomoz pomoc připomeň řekni udělej můžu můžeš může chci chceš musím schůzka schůzky zpráva zprávy stroje
server serveru funguje spadl hodin minut dní týden další seznam dlouho zase zastav vypni zapni nevím víš
`, text: `
Jak se dnes má server? Od rána nefunguje. Můžeš mi ukázat seznam všech strojů, které sledujeme? Kolik je hodin? Co se stalo v noci?
Rád bych věděl, kdy začíná další schůzka a kdo tam bude. Dej mi vědět, až se vrátí, prosím. Mockrát děkuji za pomoc. Ještě nevím.
Připomeň mi za deset minut, že mám zavolat zákazníkovi. Se stránkou je něco špatně a nikdo se na to ještě nepodíval. Dobrý den všem.
Zruš mou páteční schůzku a přesuň ji na příští týden. Potřebuji s někým mluvit o svém účtu. Bude zítra pršet? Kolik to stojí? Přestaň s tím.
`}, {tag: "hr", words: `
i u na od do iz za po s sa kod pri prije poslije bez o se si ne da je su bio bila bilo biti bit će ću sam si smo ste imam imaš ima imamo imaju što šta tko ko
gdje gde kada kad kako zašto koliko li koji koja koje kakav ja ti on ona mi vi oni me mene mi te tebe njega nju nas vas njih moj moja tvoj naš ovaj ova ovo taj
ta to ovdje tamo sada danas sutra jučer juče uvijek nikad već još također vrlo puno malo više manje sve svi svaki ništa nitko nešto netko ali ili jer ako hvala
molim bok zdravo dobro dobar dan jutro večer pokaži pošalji dodaj obriši nađi pomozi pomoć podsjeti reci napravi mogu možeš može želim hoću moram sastanak
poruka poruke strojeve server poslužitelj radi pao sati minuta dana tjedan sljedeći popis dugo opet ugasi upali znam znaš
`, text: `
Kako je danas poslužitelj? Ne radi od jutros. Možeš li mi pokazati popis svih strojeva koje nadziremo? Koliko je sati? Što se dogodilo noćas?
Volio bih znati kada počinje sljedeći sastanak i tko će biti tamo. Javi mi kad se vrati, molim te. Hvala lijepa na pomoći. Još ne znam.
Podsjeti me da nazovem klijenta za deset minuta. Nešto nije u redu sa stranicom i nitko to još nije pogledao. Otkaži moj sastanak u petak.
`}}
}
