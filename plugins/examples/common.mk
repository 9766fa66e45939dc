# What the examples' Makefiles share.
SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := all

examples := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
root := $(abspath $(examples)/../..)
protocol := $(root)/proto
build := $(root)/build/examples
plugins := $(build)/plugins

# Debian's libraries in Go's way before modules; the second path holds the generated messages.
gopath := $(build)/go
go := CGO_ENABLED=0 GO111MODULE=off GOFLAGS="-buildvcs=false" GOPATH=/usr/share/gocode:$(gopath) GOCACHE=$(root)/.build/go/cache go

need = command -v $(1) >/dev/null || { echo "$(1) is missing: apt-get install $(2)" >&2; exit 1; }
need_file = [ -e $(1) ] || { echo "$(1) is missing: apt-get install $(2)" >&2; exit 1; }

# lay_out NAME EXECUTABLE: beside the executable its plugin.yaml, with the digest that the host checks.
lay_out = { cat plugin.yaml; \
  echo "digest: sha256:$$(sha256sum $(plugins)/$(1)/$(2) | cut -d ' ' -f 1)"; \
  } >$(plugins)/$(1)/plugin.yaml

# Debian's server programs; none of them is on the PATH.
postgres := /usr/lib/postgresql/15/bin
