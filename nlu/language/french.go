package language

var french = table{
	tag: "fr",
	words: `
le la les l' un une des du de d' au aux et ou mais donc or ni car ne n' pas plus jamais rien personne que qu' qui quoi dont où quand comment
pourquoi combien quel quelle quels quelles lequel laquelle lesquels je j' tu il elle on nous vous ils elles me m' te t' se s' moi toi lui eux leur
leurs y en mon ma mes ton ta tes son sa ses notre nos votre vos ce c' cet cette ces ça ca cela ceci celui celle ceux celles
est es suis sommes êtes sont était étaient été être sera seront serait soit a as ai avons avez ont avait avaient aura aurait avoir eu
va vas vais allons allez vont aller allé fait fais faites font faire ferait peux peut pouvez pouvons peuvent pouvoir pourrais pourrait pourriez
veux veut voulez voulons veulent vouloir voudrais voudrait dois doit devez devons doivent devrait faut falloir sais sait savez savoir
dis dit dites dire voir vois voit voyez vu montre montrer montrez affiche afficher affichez donne donner donnez envoie envoyer envoyez envoyé
écris écrire écrit lis lire cherche chercher cherchez trouve trouver trouvez ajoute ajouter ajoutez supprime supprimer supprimez enlève enlever retire
crée créer change changer modifie modifier mets mettre mettez mis lance lancer démarre démarrer redémarre redémarrer arrête arrêter arrêté arrêtées
marche marchent marcher fonctionne fonctionnent fonctionner tourne tourner tombé tombée tombées panne ouvre ouvrir ouvert ferme fermer fermé vérifie vérifier regarde
aide aider aidez appelle appeler appelez réponds répondre répondu réponse demande demander rappelle rappeler rappel rappels souviens oublie oublier
déplace déplacer annule annuler annulez abonne abonner abonnement désabonne préviens prévenir prévenez avertis avertir coupe couper éteins éteindre allume allumer
réunion réunions rendez-vous événement événements évènements agenda calendrier salle machine machines ordinateur serveur serveurs
problème problèmes erreur panne cassé cassée réparé réparée lent lente rapide joignable disponible occupé libre client cliente clients
message messages courrier messagerie alerte alertes ticket liste lister listez état statut
bonjour bonsoir salut coucou merci svp stp plaît plait s'il revoir bonne bon bonnes bons nuit matin soir midi après-midi journée
oui non si ouais d'accord accord bien sûr peut-être vraiment encore déjà toujours souvent parfois bientôt tard tôt maintenant aujourd'hui demain hier
lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre
semaine semaines mois an ans année heure heures minute minutes seconde secondes jour jours temps moment fois week-end
deux trois quatre cinq six sept huit neuf dix onze douze vingt trente premier première deuxième second dernier dernière derniers prochain prochaine suivant
nouveau nouvelle nouveaux nouvelles vieux petit petite grand grande mauvais mauvaise meilleur mieux pire autre autres même mêmes
tout toute tous toutes chaque quelque quelques quelqu'un quelqu' chacun aucun aucune plusieurs certains tel telle beaucoup peu trop très assez moins aussi
avec sans pour par sur sous dans chez vers entre contre depuis pendant avant après jusque jusqu' jusqu'à jusqu à devant derrière
parce puisque lorsque lorsqu' si alors ainsi cependant pourtant puis ensuite enfin comme voici voilà là ici dehors hors
aime aimer aimerais pense penser crois croire attends attendre reste rester laisse laisser garde garder prends prendre prend vient viens venir venu
passe passer arrive arriver arrivé parle parler besoin joue jouer achète acheter coûte payer mange manger tiens tenir revient revenir
météo pleut pluie chaud froid argent compte carte banque maison bureau gens ami amis musique chanson ville monde travail mot nom numéro chose choses
quelque-chose astreinte éteint hôte signale signaler afin dessus dessous ailleurs surtout presque seulement juste vite
étais serai seras serons auras aurais auriez avais aie ait soient fût fut fus eut irai iras ira irons iront
adore déteste drôle ennuyeux ennuie heureux triste fâché fatigué faim soif joli jolie beau belle fou prêt prête malade espère souhaite suppose vrai faux inquiète souci marier
né née anniversaire père mère frère sœur enfant enfants fille garçon humain humaine robot question questions épelle calcule pourcent moitié total montant solde facture factures paiement
virement retirer déposer crédit taux impôts assurance salaire frais remboursement voyage voyager vol avion gare bus trajet route rue adresse près proche dîner déjeuner
recette cuisiner courses magasin commande commander livraison livré colis température degrés prévisions neige soleil nuages vent orage parapluie album artiste morceau film films cinéma
livre livres note étoiles jeu jeux volume fort réveil horloge date pièce hasard blague histoire sens définition capitale réglage réglages mode voix langue langues répète pause
reprendre renseignement renseignements conseil conseils suggère recommande explique expliquer décris compare entreprise patron vacances médecin santé batterie moteur perdu perdue volé expiré
activer activé vérification limite augmenter diminuer réduire améliorer endroit loin bruit lumière fenêtre porte sol courant lampe inscrire inscription quitter remplacer
réinitialiser correctement exactement surtout lendemain tableau fichier fichiers dossier dossiers utilisateur mot-clé connecter connexion déconnecter enregistrer imprimante écran
`,
	text: `
Quel est l'état du serveur de messagerie en ce moment ? Est-ce que la base de données tourne encore ? Elle est en panne depuis trois heures.
Depuis combien de temps est-ce que ça dure ? Peux-tu me montrer la liste de toutes les machines que nous surveillons ? Laquelle ne répond plus ?
J'aimerais savoir quand commence la prochaine réunion et qui sera là. Pourrais-tu me prévenir quand il sera de retour, s'il te plaît ?
Rappelle-moi dix minutes avant l'appel. Il y a quelque chose qui ne va pas avec le site et personne ne s'en est encore occupé.
Dis-moi s'il se passe quoi que ce soit. Je ne veux plus en entendre parler. Préviens les autres que je suis en retard.
Il faudrait regarder ce qui s'est passé cette nuit. La cliente a écrit qu'elle ne pouvait plus se connecter depuis hier matin.
Merci beaucoup pour ton aide, c'est tout ce que je voulais savoir. Bonjour, comment vas-tu aujourd'hui ? Je vais bien, merci.
Éteins-le puis rallume-le. Ajoute une autre salle dans l'agenda et invite tous ceux qui travaillent avec nous. Arrête de m'envoyer ces messages.
Annule mon rendez-vous de vendredi après-midi et déplace-le à la semaine prochaine. Quelle heure est-il là-bas ? Combien de gens viennent ?
Ça ne marche pas comme il faut. As-tu reçu le rapport que je t'ai envoyé ? Oui, mais je n'ai pas encore eu le temps de le lire.
Ce n'est pas grave, je l'ai trouvé moi-même. Où sont les journaux de la sauvegarde ? Ils ont été déplacés dans un autre dossier.
Y a-t-il autre chose à faire avant de partir ? Donne-moi une minute, je reviens tout de suite. Cela n'aurait jamais dû arriver.
Qui a fermé le ticket, et pourquoi ? Le problème était réglé mais il est revenu avec la nouvelle version. Mets le réveil à sept heures.
Comment changer mon mot de passe ? Je voudrais parler à quelqu'un au sujet de mon compte. Pourquoi ma carte a-t-elle été refusée ?
Quel temps fera-t-il ce week-end ? Est-ce qu'il va pleuvoir demain ? Joue de la musique de ma liste préférée. Trouve-moi un bon restaurant.
Ma commande n'est toujours pas arrivée et je voudrais être remboursé. Combien coûte un virement vers l'étranger ?
Peux-tu expliquer ce qui n'a pas marché ? On dirait que le disque est plein. Tout semble fonctionner correctement à présent.
En bref, rien n'a changé. Je croyais que nous étions déjà d'accord là-dessus. Votre demande est malheureusement introuvable.
Devons-nous attendre qu'ils aient fini ou bien commencer sans eux ? Fais comme tu penses. Garde un œil dessus, tu veux bien ?
Assure-toi que la lumière de la cuisine soit allumée quand je rentre chez moi. Lequel faut-il choisir ? Les deux me vont très bien.
Réveille-moi si la température dépasse trente degrés. Répète-le dans une demi-heure. Les trois premiers sont terminés, efface le reste.
Quels sont vos horaires ? D'où viens-tu ? Quel âge as-tu ? Qui t'a créé ? Parles-tu d'autres langues ? Raconte-moi une blague.
Elle disait qu'ils avaient de nouveau des soucis avec le réseau. Il pense que cela venait du pare-feu, mais j'en doute.
Prévois une revue avec toute l'équipe chaque lundi à neuf heures. Note qu'il nous faut plus de chaises. Cherche le numéro du bureau.
De nouvelles demandes sont-elles arrivées ? Attribue-moi celle-ci. Place-la en haut de la file. Rien n'est plus urgent que ça.
`,
}
