# make demo and make test do their own set-up on Debian and Ubuntu; all that
# must be there is Go. `make help` lists the targets.

# The product needs no C compiler; the race detector of the tests does.
GOBUILD := CGO_ENABLED=0 go build -trimpath
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck
FUZZTIME ?= 3
FUZZTOTAL ?= 360
FAULTS ?= Kill|Stop|Chaos|Blackhole|TakesOver|Full|Burst|Termination|Backup|Days|Year
FAULTED ?= ./cmd/dragoman ./bot/xmpp/... ./bot/outbox ./store/... ./scheduler ./internal/simulation
# -quick, -strict
BENCHFLAGS ?=

# Every server that is talked to is on loopback; go-xmpp would send even that
# through a proxy from the environment.
comma := ,
export NO_PROXY := $(if $(NO_PROXY),$(NO_PROXY)$(comma))127.0.0.1,localhost
export no_proxy := $(NO_PROXY)

.DEFAULT_GOAL := help
.PHONY: help demo test bench build lint fuzz clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## install Prosody if it is absent, start it, and talk to the bot on it
	@scripts/install.sh prosody
	@$(MAKE) --no-print-directory build
	@bin/dragoman demo

build: ## build bin/dragoman, one static file
	$(GOBUILD) -o bin/dragoman ./cmd/dragoman

# Without its servers a test skips with the reason, but not under CI=true.
test: ## install what the tests need, then check, test and fuzz everything
	@scripts/install.sh test || { [ "$$CI" != true ] && echo "make test: tests that need what is missing will be skipped" >&2; }
	@$(MAKE) --no-print-directory lint
	go test -race -timeout 15m -p 2 ./...
	@$(MAKE) --no-print-directory fuzz

lint: ## gofmt, go vet, staticcheck and the import rules
	@unformatted=$$(gofmt -l .); \
		[ -z "$$unformatted" ] || { echo "not formatted by gofmt:" $$unformatted >&2; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	go test ./internal/importtest

fuzz: ## run every fuzz target for FUZZTIME seconds, FUZZTOTAL in all
	scripts/fuzz.sh $(FUZZTIME) $(FUZZTOTAL)

# One package after the other: they share the cores with their own servers.
.PHONY: faults
faults: ## everything that can go wrong, at length: kills, takeovers, full disks
	@scripts/install.sh test
	DRAGOMAN_LONG=1 go test -v -count=1 -p 1 -timeout 40m -run '$(FAULTS)' $(FAULTED)

bench: ## get-status over Prosody and ejabberd beside a raw echo, then benchq
	@scripts/install.sh bench
	@scripts/install.sh errbot || echo "make bench: the table will be without Errbot" >&2
	@$(MAKE) --no-print-directory build
	go run ./internal/bench $(BENCHFLAGS)
	@$(MAKE) --no-print-directory benchq

# A module of its own, because River is no dependency of this one.
.PHONY: benchq soak
benchq: ## the durable queue beside River, on SQLite and PostgreSQL
	@scripts/install.sh test || echo "make benchq: a database that is missing will be left out" >&2
	cd internal/bench/_queuebench && go run . $(BENCHFLAGS)

SOAKTIME ?= 5m
soak: ## 500 commands a second that change something, for SOAKTIME
	@scripts/install.sh prosody
	@$(MAKE) --no-print-directory build
	go run ./internal/bench -soak $(SOAKTIME) $(BENCHFLAGS)

clean: ## remove what was built and tested
	rm -rf bin
	go clean -testcache
