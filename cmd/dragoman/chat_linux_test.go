package main

import (
	"fmt"
	"net"
	"regexp"
	"testing"
)

var someTime = regexp.MustCompile("running for .*\n")

// TestChatAtATerminal: a prompt, answers before it, notices that tear nothing
// apart, no log lines, and Ctrl-D or Ctrl-C to end.
func TestChatAtATerminal(t *testing.T) {
	t.Parallel()
	for key, screen := range map[string]string{"\x04": "> \n", "\x03": "> ^C\n"} {
		machine, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer machine.Close()
		cmd, _ := program(t, "chat", "-c", configFile(t, fmt.Sprintf(`
bot: {admins: [john@chat.local]}
nlu: {learn: false}
skills: {ping: {enabled: true}, status: {enabled: true, config: {interval: 1s, failures: 1, machines: [{name: web1, check: tcp, target: %q}]}}}
`, machine.Addr())))
		cmd.Env = append(cmd.Env, "USER=john")
		s := atTerminal(t, cmd)
		s.sees("You talk to dragoman as john@chat.local. Say help to see what it can do; Ctrl-D ends.\n> ")
		s.types("subscribe web1\n")
		s.sees("john is now subscribed to changes to web1\n> ")
		s.types("get-status web1\n") // which knows it up from then on
		s.sees("web1 is currently running for ")
		s.sees("\n> ")
		machine.Close()
		s.sees("\nweb1 has gone down.\n> ")
		s.types("ping pong\n")
		s.sees("pong\n> ")
		s.types(key)
		if code := ends(t, cmd); code != 0 {
			t.Errorf("exit %d", code)
		}
		<-s.read
		want := "You talk to dragoman as john@chat.local. Say help to see what it can do; Ctrl-D ends.\n" +
			"> subscribe web1\njohn is now subscribed to changes to web1\n" +
			"> get-status web1\nweb1 is currently running for a while\n> \nweb1 has gone down.\n> ping pong\n" +
			"pong\n" + screen
		if got := someTime.ReplaceAllString(s.shown(), "running for a while\n"); got != want {
			t.Errorf("%q: the screen shows\n%s\nwant\n%s", key, got, want)
		}
	}
}
