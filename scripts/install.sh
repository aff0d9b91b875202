#!/bin/sh
# Installs what `make demo`, `make test` or `make bench` needs from Debian's or
# Ubuntu's own packages, and nothing when it is there already.
#
#   scripts/install.sh prosody    the XMPP server of the demo
#   scripts/install.sh test       all that the tests talk to
#   scripts/install.sh bench      the servers of the benchmark
#   scripts/install.sh errbot     a bot to compare with, where there is one
#
# No daemon is started by it. Exit status: 0 everything is there, 1 something
# is missing and could not be installed, 2 wrong usage.
set -eu

say() { printf '%s\n' "$*" >&2; }

# have THING: is it there? The same places that internal/counterpart looks at.
have() {
	case $1 in
	prosody) command -v prosody ;;
	ejabberd) command -v erl && ls /usr/lib/*/ejabberd-*/ebin/ejabberd.app /usr/lib/ejabberd-*/ebin/ejabberd.app | grep . ;;
	postgresql) ls /usr/lib/postgresql/*/bin/postgres || command -v postgres ;;
	python3-slixmpp) test -x /usr/bin/python3 && test -f /usr/lib/python3/dist-packages/slixmpp/__init__.py ;;
	errbot) command -v errbot ;;
	gcc) command -v gcc || command -v cc ;;
	libc6-dev) test -f /usr/include/stdlib.h ;;
	esac >/dev/null 2>&1
}

case ${1-} in
prosody) wanted="prosody" ;;
test) wanted="prosody ejabberd postgresql python3-slixmpp gcc libc6-dev" ;; # the last two are for go test -race
bench) wanted="prosody ejabberd" ;;
errbot) wanted="errbot" ;; # apart, because not every release has it
*)
	say "usage: $0 prosody|test|bench|errbot"
	exit 2
	;;
esac

missing=
for package in $wanted; do
	have "$package" || missing="$missing $package"
done
missing=${missing# }
[ -n "$missing" ] || exit 0

# give_up REASON: what is missing, why, and what works without it.
give_up() {
	say "missing: $missing"
	say "$1"
	say "Install it yourself (Debian, Ubuntu): apt-get install $missing"
	say "Without any server the same bot talks in this terminal: make build && bin/dragoman chat"
	exit 1
}

command -v apt-get >/dev/null 2>&1 || give_up "This machine has no apt-get."
as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || give_up "Installing needs root, and there is no sudo."
	as_root=sudo
fi
say "Installing $missing with apt-get${as_root:+ (sudo)}. No daemon will be started."

# A policy-rc.d that answers 101 keeps the packages from starting daemons. One
# that exists is the administrator's and stays as it is.
policy=/usr/sbin/policy-rc.d
ours=
cleanup() {
	[ -z "$ours" ] || $as_root rm -f "$policy"
	ours=
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ ! -e "$policy" ]; then
	ours=yes
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy" ||
		give_up "Cannot write $policy as root."
fi

# apt ARGUMENTS: quiet when all goes well, all that apt said when not.
apt() {
	log=$($as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
		-o Acquire::Retries=2 "$@" 2>&1 </dev/null) || {
		say "$log"
		return 1
	}
}

# The lists that are there may do; else they are fetched once. An old list can
# name a package that is gone, so the first failure is not the last word.
# shellcheck disable=SC2086
if ! apt install --no-install-recommends $missing 2>/dev/null; then
	apt update || give_up "apt-get update failed: is there a network?"
	apt install --no-install-recommends $missing || give_up "apt-get install failed."
fi

for package in $missing; do
	have "$package" || give_up "apt-get installed $package, but it is not where it should be."
done
say "Installed $missing."
