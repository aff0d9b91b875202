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
targets=$(find . -name '*_test.go' -not -path './.*' -not -path '*/testdata/*' -print |
	sort | xargs grep -H '^func Fuzz[A-Za-z0-9_]*(' | sed 's/^\(.*\)\/[^/]*:func \(Fuzz[A-Za-z0-9_]*\)(.*/\1 \2/')
while read -r package target; do
	[ -n "$target" ] || continue
	if [ $(($(date +%s) - began)) -ge "$total" ]; then
		left_out="$left_out $target"
		continue
	fi
	# The lines about progress are of no use unless it fails.
	log=$(go test -run='^$' -fuzz="^$target\$" -fuzztime="${each}s" -parallel=2 "$package" 2>&1 </dev/null) || {
		printf '%s\n' "$log"
		exit 1
	}
	printf '%s\n' "$log" | sed -n "s/^ok.*/& $target/p"
done <<LIST
$targets
LIST
[ -z "$left_out" ] || echo "fuzz: left out after ${total} s:$left_out"
