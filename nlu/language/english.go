package language

var english = table{
	tag: "en",
	words: `
the be to of and a in that have it for not on with he as you do at this but his by from they we say her she or an will my one all
would there their what so up out if about who get which go me when make can like time no just him know take people into year your
good some could them see other than then now look only come its over think also back after use two how our work first well way even
new want because any these give day most us is are was were been being has had having does did doing done am i i'm i've i'd i'll
you're you've you'll you'd he's she's it's it'll we're we've we'll they're they've that's there's here's what's who's where's when's
how's let's don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't
dont doesnt didnt isnt arent wasnt wont cant couldnt whats whos wheres hows thats lets im ive ill youre theres
please pls plz thanks thank thx cheers hello hey hi bye goodbye morning evening night afternoon welcome sorry yes yeah yep nope nah
sure okay alright great nice cool awesome right wrong maybe perhaps really actually still already again yet ever never always often
sometimes soon later today tomorrow yesterday tonight week month weekend hour hours minute minutes second seconds days weeks months
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
every each everyone everybody everything anyone anybody anything someone somebody something nobody nothing none both few many much more less
least another such same own very too quite almost enough before until till since while during between through against under above below
without within around behind off down here there where why whose whom should must might shall need needs needed wants wanted
gonna wanna gotta lemme gimme show shows showing shown tell tells told give gives gave given send sends sent sending write wrote read
list lists find finds found search lookup add adds added remove removes removed delete deleted create created change changed update updated
set sets start starts started stop stops stopped run runs running ran restart reboot turn turned switch open opened close closed check checked
cancel cancelled book booked move moved call calls called calling text message messages mail email reply replied answer answered ask asked asking
remind reminder reminders schedule meeting meetings appointment event events calendar room issue issues ticket problem bug error fix fixed broken
machine machines computer host alive dead slow fast working works worked fail failed failing crash crashed reachable available busy free
subscribe subscribed unsubscribe notify notification notifications alert alerts watch follow mute silence ignore know knows knew
keep kept let put try tried trying help helps wait waiting hold hear heard happen happened happening going goes went gone come came
leave left forget forgot remember mean means meant happens seem seems looks looking feel got getting gets makes made making takes took
thing things stuff way lot bit kind sort place name names number numbers phone word words question list part end side case point
customer customers team boss friend guys folks man woman home office house money card bank account pay paid buy bought cost price
weather rain hot cold warm song music movie food flight hotel car city country world life water school long short big small old young
last next previous current recent latest early late high low best better worse worst different important possible true false
who's whether though although however instead else otherwise anyway together away onto upon per via myself yourself itself themselves
bring buy play plays played eat drink sleep live learn speak spoke speaking translate language weekly daily hourly monthly quiet enable disable
what whats're it'd that'll ought able unable everything's nothing's unless except across along among toward
mind love loves hate likes liked funny smart boring bored happy sad angry tired hungry nice clever stupid ugly pretty beautiful crazy ready sick fine hope wish wonder
guess agree believe care worry worried marry married born alive birthday father mother brother sister child children kids girl boy human robot person
question answers spell spelling calculate add plus minus times divided minute's dollar dollars cents percent pounds half third quarter dozen total amount balance bill bills
credit debit payment transfer transferred withdraw withdrawal deposit loan rate rates interest tax taxes insurance salary income expense refund charge charged fee fees
trip travel travelling airport train bus ticket tickets traffic distance miles drive driving ride route directions address street near nearby restaurant restaurants dinner lunch
breakfast recipe cook cooking ingredients oven shopping store order orders ordered delivery delivered shipped package temperature degrees forecast snow sunny cloudy
album artist playlist track tune band singer movies film theater book books read author rating rate stars review reviews news game games sport volume louder
timer timers alarms clock wake snooze date flip coin roll dice pick choose random guess fact facts joke jokes story meaning definition synonym capital population
setting settings mode voice name's called rename language languages accent whisper slower faster repeat pause skip resume request information details tips advice suggest
suggestion recommend recommendation explain describe compare contact company business job manager meeting's staff vacation holiday leave sick health doctor gas oil tire
battery fuel engine mileage pin code lost stolen expired expire activate activated declined pending verify identity top-up apply application approve approved limit increase
decrease reduce improve locate located location far close open shut loud quiet light lights heat window door floor upstairs water power bulb lamp sign join joined quit
register registered unmute mute rid replace replaced replacement reset original properly correct correctly incorrect able anymore yet fully exactly especially
`,
	text: `
What is the status of the mail server right now? Is the database still up and running? It has been down for three hours.
How long has this been going on? Can you show me the list of all the machines we are watching? Which one of them is not reachable?
I would like to know when the next meeting starts and who is going to be there. Could you please send me a message when it comes back?
Please remind me ten minutes before the call. There is something wrong with the website and nobody has looked at it yet.
Let me know if anything happens. I do not want to hear about this any more. Tell the others that I am running late.
We should have a look at what happened last night. The customer wrote that she could not log in since yesterday morning.
Thanks a lot for your help, that is all I wanted to know. Good morning, how are you today? I'm fine, thank you.
Turn it off and on again. Add another room to the calendar and invite everybody who works with us. Stop sending me those messages.
Cancel my appointment for Friday afternoon and move it to next week. What time is it over there? How many people are coming?
This does not work the way it should. Did you get the report that I sent you? Yes, but I haven't had the time to read it.
Never mind, I found it myself. Where can I find the logs of the backup? They have been moved to another folder.
Is there anything else that needs to be done before we leave? Just give me a minute, I will be right back.
Who closed the ticket, and why? The problem was fixed but then it came back with the new release. Set an alarm for seven in the morning.
How do I change my password? I want to speak with someone about my account. Why was my card declined when I tried to pay for it?
What's the weather like this weekend? Will it rain tomorrow? Play some music from my favorite list. Find me a good place to eat nearby.
My order still hasn't arrived and I would like a refund. How much does it cost to transfer money to another country?
Could you explain what went wrong with that one? It looks like the disk is full. Everything seems to be working fine now.
The quick answer would be that nothing has changed. I thought we had already agreed on this. Your request could not be found.
Should we wait until they have finished, or shall we begin without them? Whatever you think is best. Keep an eye on it, would you?
Make sure that the light in the kitchen is switched on when I get home. Which of these should I choose? Either one is okay with me.
Wake me up if the temperature goes above thirty degrees. Snooze that for half an hour. Mark the first three as done and delete the others.
What are your opening hours? Where are you from? How old are you? Who made you? Do you speak any other languages? Tell me a joke.
She said they were having trouble with the network again. He thinks that it might have been the firewall, though I doubt it.
Schedule a review with the whole team every Monday at nine. Write down that we need more chairs. Look up the phone number of the office.
Are there any new issues? Assign this one to me. Put it at the top of the queue. Nothing is more important than getting this out the door.
`,
}
