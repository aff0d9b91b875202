package language

// others are further languages of Latin script that people write in chats.
func others() []table {
	return []table{{tag: "tr", words: `
ve ile ama veya ya da de mi mı mu mü bir bu şu o ne kim nerede ne zaman nasıl neden niçin kaç hangi ben sen biz siz onlar bana sana ona bize beni seni onu benim
senin bizim var yok değil evet hayır için gibi kadar sonra önce şimdi bugün yarın dün her hiç çok az daha en hepsi bütün tüm bazı herkes kimse hiçbir şey
teşekkür ederim teşekkürler sağol lütfen merhaba selam günaydın iyi akşamlar göster gönder ekle sil bul yardım et hatırlat söyle yap yapma istiyorum
istemiyorum lazım gerek toplantı mesaj makine makineler makineleri sunucu sunucusu çalışıyor çöktü açık kapalı saat dakika gün hafta ay yıl liste uzun tekrar
dur durdur kapat aç biliyor musun olan oldu oluyor durumu nedir ki
`, text: `
Sunucu bugün nasıl? Bu sabahtan beri çalışmıyor. İzlediğimiz bütün makinelerin listesini bana gösterebilir misin? Saat kaç? Dün gece ne oldu?
Bir sonraki toplantının ne zaman başladığını ve kimlerin geleceğini bilmek istiyorum. Geri geldiğinde bana haber ver lütfen. Henüz bilmiyorum.
On dakika sonra müşteriyi aramamı hatırlat. Sitede bir sorun var ve kimse daha bakmadı. Yardımın için çok teşekkür ederim. Herkese günaydın.
Cuma günkü randevumu iptal et ve gelecek haftaya al. Hesabım hakkında birisiyle konuşmam gerekiyor. Yarın yağmur yağacak mı? Bu ne kadar?
`}, {tag: "fi", words: `
ja tai mutta ei en et emme on ovat oli olla olen olet olemme ollut se ne tämä tuo nämä mikä mitä kuka missä milloin miten miksi kuinka monta mikä minä sinä
hän me te he minun sinun meidän minulle sinulle sen nyt sitten tänään huomenna eilen aina koskaan jo vielä myös hyvin paljon vähän enemmän kaikki jokainen
mitään kukaan jotain joku että jos kun koska kiitos kiitti ole hyvä hei moi terve huomenta päivää näytä lähetä lisää poista etsi auta apua muistuta kerro tee
voi voit voin voitko haluan pitää täytyy kokous tapaaminen viesti viestit koneet kone palvelin palvelimen toimii kaatui alhaalla tuntia minuuttia päivä viikko seuraava
lista kauan taas lopeta sammuta
`, text: `
Miten palvelin voi tänään? Se ei ole toiminut aamusta lähtien. Voitko näyttää minulle luettelon kaikista koneista, joita valvomme? Paljonko kello on?
Haluaisin tietää, milloin seuraava kokous alkaa ja kuka sinne tulee. Kerro minulle, kun se on taas käytössä, kiitos. Mitä viime yönä tapahtui?
Muistuta minua soittamaan asiakkaalle kymmenen minuutin kuluttua. Sivussa on jotain vikaa eikä kukaan ole vielä katsonut sitä. Hyvää huomenta kaikille.
`}, {tag: "hu", words: `
a az egy és vagy de nem ne igen van vannak volt lesz lenni vagyok vagy ez az ezek azok mi ki hol mikor hogyan hogy miért mennyi hány melyik milyen én te ő mi ti
ők nekem neked neki engem téged most ma holnap tegnap mindig soha már még is nagyon sok kevés több minden mindenki semmi senki valami valaki ha mert amikor
köszönöm köszi kérem kérlek szia helló jó reggelt napot estét mutasd küldd adj törölj keress segíts segítség emlékeztess mondd csinálj tudsz tudom lehet akarok
kell találkozó megbeszélés üzenet üzenetek gépek gép szerver szervert működik leállt óra perc nap hét következő lista meddig megint kapcsold ki be le fel
`, text: `
Hogy van ma a szerver? Reggel óta nem működik. Meg tudod mutatni az összes gép listáját, amelyet figyelünk? Hány óra van? Mi történt az éjjel?
Szeretném tudni, mikor kezdődik a következő megbeszélés, és ki lesz ott. Szólj, ha újra elérhető, kérlek. Nagyon köszönöm a segítséget.
Emlékeztess tíz perc múlva, hogy fel kell hívnom az ügyfelet. Valami baj van az oldallal, és még senki sem nézte meg. Jó reggelt mindenkinek.
`}, {tag: "id", words: `
yang dan atau tapi tidak bukan ya ada adalah akan sudah belum sedang bisa dapat mau harus di ke dari untuk dengan tanpa pada oleh ini itu apa siapa mana kapan
bagaimana mengapa kenapa berapa saya aku kamu anda dia kami kita mereka sekarang hari besok kemarin selalu juga lagi masih sangat banyak sedikit lebih semua setiap
terima kasih tolong halo selamat pagi siang malam tunjukkan kirim tambah hapus cari bantu bantuan ingatkan katakan buat rapat pesan mesin server jalan
mati jam menit minggu bulan tahun daftar lama berikutnya jangan berhenti tahu
`, text: `
Bagaimana keadaan server hari ini? Sejak tadi pagi tidak berjalan. Bisakah kamu menunjukkan daftar semua mesin yang kita pantau? Jam berapa sekarang?
Saya ingin tahu kapan rapat berikutnya dimulai dan siapa yang akan datang. Beri tahu saya kalau sudah kembali. Terima kasih banyak atas bantuannya.
Ingatkan saya untuk menelepon pelanggan sepuluh menit lagi. Ada yang salah dengan situs itu dan belum ada yang melihatnya. Selamat pagi semuanya.
`}}
}
