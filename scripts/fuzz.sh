#!/bin/sh
# Runs every fuzz target for a short while, one after the other.
#
#   scripts/fuzz.sh [SECONDS_PER_TARGET [SECONDS_IN_TOTAL]]
#
# A target that would begin after the total is named and left out. go test
# keeps an input that fails under testdata/fuzz: commit it with the mend.
set -eu
cd "$(dirname "$0")/.."
each=${1:-5}
total=${2:-120}
began=$(date +%s)
left_out=

# Before Go 1.27 the coordinator may report the end of -fuzztime itself as a
# failure (golang/go#75804). What a target finds is another matter: it always
# says so in more lines than this one and writes the input down.
only_the_end() {
	printf '%s\n' "$1" | grep -q 'Failing input written\|panic\|_test\.go:' && return 1
	printf '%s\n' "$1" | grep -qx '    context deadline exceeded'
}

targets=$(find . -name '*_test.go' -not -path './.*' -not -path '*/testdata/*' -print |
	sort | xargs grep -H '^func Fuzz[A-Za-z0-9_]*(' | sed 's/^\(.*\)\/[^/]*:func \(Fuzz[A-Za-z0-9_]*\)(.*/\1 \2/')
while read -r package target; do
	[ -n "$target" ] || continue
	if [ $(($(date +%s) - began)) -ge "$total" ]; then
		left_out="$left_out $target"
		continue
	fi
	# The lines about progress are of no use unless it fails.
	if log=$(go test -run='^$' -fuzz="^$target\$" -fuzztime="${each}s" -parallel=2 "$package" 2>&1 </dev/null); then
		printf '%s\n' "$log" | sed -n "s/^ok.*/& $target/p"
	elif only_the_end "$log"; then
		echo "end	$package $target: nothing found when the time was over"
	else
		printf '%s\n' "$log"
		exit 1
	fi
done <<LIST
$targets
LIST
[ -z "$left_out" ] || echo "fuzz: left out after ${total} s:$left_out"
