package language

// romance are the neighbours of French and Spanish, known so that they are
// not taken for them.
func romance() []table {
	return []table{{tag: "it", words: `
il lo la i gli le un uno una di del della dei degli delle dell' a al alla ai alle da dal dalla in nel nella nei con su sul sulla per tra fra e ed o
ma se che chi cosa come quando dove perché perche quanto quale quali qual è e' sono sei siamo siete era erano sarà stato stata ho hai ha abbiamo
avete hanno non mi ti ci vi si io tu lui lei noi voi loro questo questa questi quello quella mio mia tuo tua suo sua nostro anche ancora già
più meno molto poco tutto tutti tutte ogni niente nessuno qualcosa qualcuno oggi domani ieri adesso ora sempre mai dopo prima sì no ciao grazie
prego buongiorno buonasera fammi fare fa faccio posso puoi può voglio vuoi vorrei devo deve dimmi mostra mostrami manda mandami invia aggiungi
cancella togli metti elenca ricordami aiuto aiutami riunione macchine macchina stato va bene male funziona attivo giù acceso spento anno giorno ore minuti
domanda risposta nome persona uomo donna casa lavoro tempo soldi conto carta pagare comprare mangiare bere dormire parlare dire andare venire arrivare torna tornare aspetta aspettare
capito capisco penso credo sento trova trovare aprire apri chiudi chiudere spegni accendi ferma fermare cambia cambiare aiutare chiama chiamare scrivi scrivere svegliami avvisami
so sai sa scusa allora poi così senza cos' com' dov' c' l' un' quell' sta stai stanno vedere sapere successo prossima prossimo settimana lista degli
`, text: `
Come sta andando il server oggi? Non funziona più da questa mattina. Puoi farmi vedere l'elenco di tutte le macchine che controlliamo?
Vorrei sapere quando comincia la prossima riunione e chi ci sarà. Avvisami quando torna disponibile, per favore. Che cosa è successo stanotte?
Ricordami di chiamare il cliente fra dieci minuti. C'è qualcosa che non va con il sito e nessuno se n'è ancora occupato. Grazie mille per l'aiuto.
Buongiorno a tutti, come state? Annulla l'appuntamento di venerdì e spostalo alla settimana prossima. Che ore sono? Quante persone vengono?
Ho bisogno di parlare con qualcuno del mio conto. Perché la mia carta è stata rifiutata? Dove posso trovare i registri? Non lo so ancora.
Aggiungi una nuova stanza e invita gli altri. Spegni la luce della cucina. Metti un po' di musica. Domani pioverà? Quanto costa? Va bene così.
Ci sono delle novità sul problema di ieri? Ti ho scritto che arrivo in ritardo. Sono stanco di questi messaggi, smettila. Cosa sai fare?
`}, {tag: "pt", words: `
o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela para pra com sem sobre entre até e ou mas se que quem qual quais
quando onde como porque quanto quantos é são sou és somos era foi ser está estou estão estava tem tenho temos têm há não sim eu tu você vocês ele ela
nós eles elas me te lhe isso isto este esta esse essa aquele meu minha seu sua nosso também ainda já mais menos muito muita pouco tudo todos todas cada
nada ninguém alguém algo algum alguma hoje amanhã ontem agora sempre nunca depois antes obrigado obrigada olá oi tchau bom boa dia tarde noite favor
fazer faz faça posso pode podes quero quer queria preciso deve diga mostra mostre mostrar manda mandar envie enviar adicione apague coloque liste lembre ajuda
ajude reunião máquinas máquina servidor funciona funcionando ligado desligado parado caiu fora ar dias horas minutos semana próxima próximo mês ano vou vai
foram tudo bem então aqui ali lá só mesmo outra outro nova novo estado mensagem mensagens aconteceu acontecendo gostaria sei sabe dele dela num numa
pergunta resposta nome pessoa pessoas pessoal gente homem mulher casa trabalho tempo dinheiro conta cartão pagar comprar comer beber dormir falar fala dizer ir vir chegar chega volta voltar
voltou espere esperar entendi entendo acho sinto encontrar abra abrir fecha fechar feche desliga desligar liga ligar ligue pare parar mude mudar mudei ajudar chame chamar escreva escrever
avise avisa avisar todo mundo terminar terminamos terminou acabou começa começar reinicie reiniciar cancela cancele cancelar férias vem vindo passou lento rápido página
nao voce amanha ate proxima reuniao maquinas esta sao tambem ja ha obg
`, text: `
Como está o servidor hoje? Não funciona mais desde esta manhã. Você pode me mostrar a lista de todas as máquinas que vigiamos?
Gostaria de saber quando começa a próxima reunião e quem vai estar lá. Avise-me quando voltar, por favor. O que aconteceu ontem à noite?
Lembre-me de ligar para o cliente daqui a dez minutos. Há algo errado com o site e ninguém olhou ainda. Muito obrigado pela ajuda.
Bom dia a todos, tudo bem com vocês? Cancele o meu compromisso de sexta-feira e passe para a semana que vem. Que horas são? Quantas pessoas vêm?
Preciso falar com alguém sobre a minha conta. Por que o meu cartão foi recusado? Onde posso encontrar os registros? Ainda não sei.
Adicione uma nova sala e convide os outros. Desligue a luz da cozinha. Toque um pouco de música. Vai chover amanhã? Quanto custa? Está bom assim.
Há novidades sobre o problema de ontem? Eu escrevi que estou atrasado. Pare de mandar essas mensagens. O que você sabe fazer? São três horas.
`}, {tag: "ca", words: `
el la els les un una uns unes de del dels d' l' a al als en amb per pel pels sense sobre entre fins i o però si que què qui quin quina quins quan on com
perquè quant quants és són soc ets som era va ser estar està estic estan té tinc tenim tenen hi ha no sí jo tu ell ella nosaltres ells em et es ens us
m' t' s' n' ho això aquest aquesta aquell meu meva teu teva seu seva també encara ja més menys molt molta poc tot tots totes cada res ningú algú alguna
avui demà ahir ara sempre mai després abans gràcies hola adéu bon bona dia tarda nit sisplau plau fer fa faig puc pots pot vull vols voldria cal digues
mostra mostra'm envia afegeix esborra posa llista recorda'm ajuda reunió màquines màquina servidor funciona caigut hores minuts setmana propera vegada
pregunta resposta nom persona persones gent home dona casa feina temps diners compte pagar comprar menjar dormir parlar dir venir arriba arribar torna tornar espera entenc crec
trobar obre obrir tanca tancar apaga apagar encén engega atura canvia canviar ajudar truca trucar escriu escriure avisa acabat acabar comença començar vacances lent ràpid pàgina
quina hora anar vaig vas van nova nou aquests aquestes aquí allà només altre altra estat missatge missatges passa passat doncs llavors gaire
`, text: `
Com va el servidor avui? No funciona des d'aquest matí. Em pots ensenyar la llista de totes les màquines que vigilem? Quina hora és?
M'agradaria saber quan comença la propera reunió i qui hi serà. Avisa'm quan torni a estar disponible, si us plau. Què va passar ahir a la nit?
Recorda'm de trucar al client d'aquí a deu minuts. Hi ha alguna cosa que no va bé amb el web i ningú no s'ho ha mirat encara. Moltes gràcies.
Bon dia a tothom, com esteu? Cancel·la la meva cita de divendres i passa-la a la setmana vinent. Necessito parlar amb algú del meu compte.
Afegeix una sala nova i convida els altres. Apaga el llum de la cuina. Demà plourà? Quant costa? Està bé així. No ho sé pas encara.
`}, {tag: "gl", words: `
o a os as un unha uns unhas de do da dos das en no na nos nas ao aos por polo pola polos para con sen sobre entre ata e ou pero se que quen cal cales
cando onde como porque canto cantos é son eu ti vostede el ela nós eles elas me te lle isto iso este esta ese esa meu miña teu túa seu súa tamén
aínda xa máis menos moi moito moita pouco todo todos todas cada nada ninguén alguén algo hoxe mañá onte agora sempre nunca despois antes grazas ola
bo boa bos días tarde noite está estou estás están hai teño ten temos foi ser facer fai podo podes pode quero queres debe dime amosa amósame envía engade
borra pon axuda axúdame axudar xuntanza reunión servidor caeu horas minutos semana próxima outra outro novo nova mensaxe lémbrame vai vou páxina
`, text: `
Como vai o servidor hoxe? Non funciona desde esta mañá. Pódesme amosar a lista de todas as máquinas que vixiamos? Que hora é?
Gustaríame saber cando comeza a próxima xuntanza e quen vai estar. Avísame cando volva, por favor. Que pasou onte pola noite? Moitas grazas.
`}, {tag: "ro", words: `
și si sau dar dacă daca că ca nu da este e sunt ești suntem era fost fi are am ai avem au de la în in pe cu fără din pentru despre între până un o
unei unui ce cine care când cand unde cum cât cat câte câți eu tu el ea noi voi ei ele mă te se îmi îți își ne vă le mi ți meu mea tău ta lui său nostru
acest această asta acela acum azi astăzi mâine maine ieri mereu niciodată după înainte mai foarte mult multe puțin tot toate toți fiecare nimic nimeni
ceva cineva mulțumesc multumesc salut bună buna ziua dimineața seara noapte rog te rog vă rog pot poți poate vreau vrei trebuie spune arată trimite
adaugă șterge pune listă ajutor ajută întâlnire ședința ședință mașini mașinile server serverul serverului merge funcționează căzut ore minute săptămâna
următoarea starea stare mesaj mesaje fac face faci știu știi acolo aici încă deja alt altă nou nouă oprit pornit bine cel cea cei
`, text: `
Ce mai face serverul astăzi? Nu mai merge de azi dimineață. Poți să-mi arăți lista cu toate mașinile pe care le urmărim? Cât este ceasul?
Aș vrea să știu când începe următoarea ședință și cine va fi acolo. Anunță-mă când își revine, te rog. Ce s-a întâmplat aseară?
Adu-mi aminte să sun clientul peste zece minute. Este ceva în neregulă cu pagina și nimeni nu s-a uitat încă. Mulțumesc frumos pentru ajutor.
Bună ziua tuturor. Anulează întâlnirea de vineri și mut-o săptămâna viitoare. Trebuie să vorbesc cu cineva despre contul meu. Nu știu încă.
Adaugă o sală nouă și invită-i pe ceilalți. Stinge lumina. Mâine o să plouă? Cât costă? Este bine așa. Unde găsesc mesajele?
`}}
}
