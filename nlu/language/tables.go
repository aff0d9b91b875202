package language

import "slices"

// table is what is built in about a language.
type table struct {
	tag   string // BCP 47 primary language
	words string // common words in no order, each once or more
	text  string // sentences as people say them to a bot
}

// builtIn returns the tables: first of the languages that can be configured
// without samples, then of those that are only known in order to be refused.
func builtIn() (full, background []table) {
	full = []table{english, german, french, spanish}
	return full, slices.Concat(romance(), germanic(), slavic(), others())
}

// international are words that people write in every language; they say
// nothing about it.
const international = `
ok okay bot chat status server web db mail email e sms internet online offline test admin ping pong router backup login log app url
ip dns api host root user video radio taxi hotel restaurant info wifi wlan vpn pdf xmpp issue ticket team meeting standup feedback
alarm prod dev staging cpu ram disk cluster node proxy gateway firewall switch printer monitor website blog spam link update reset
stop start foo bar baz lol haha hm hmm uh ah oh
`
