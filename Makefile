# The two commands to know: `make demo` and `make test`. `make help` lists the others.

PREFIX ?= /usr/local

# Where Scripts/prepare.sh describes oneDNN on machines that keep it outside the compiler's folders (Homebrew).
export PKG_CONFIG_PATH := $(CURDIR)/.build/pkgconfig$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))

.PHONY: help demo test bench bench-parts build install docs format lint clean
.DEFAULT_GOAL := help

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Build for this machine and compare five optimizers on drawn digits.
	@Scripts/prepare.sh gnuplot
	@Scripts/demo.sh

test: ## Check everything: format, build without warnings, tests, examples, same bits for every build.
	@Scripts/prepare.sh gnuplot node
	@Scripts/test.sh

bench: ## Measure beside PyTorch and the machine's limits, for Documentation/benchmarks.md (QUICK=1: briefly).
	@Scripts/prepare.sh gnuplot
	@Scripts/build-native.sh --product descent
	@"$$(Scripts/build-native.sh --show-bin-path)/descent" bench compare $(if $(QUICK),--quick) \
	  --output $(if $(QUICK),.build/benchmarks/benchmarks.md,Documentation/benchmarks.md)

bench-parts: ## Measure the parts: rules, matrices, random numbers, files, layers, batches (ARGUMENTS="--filter …").
	@Scripts/prepare.sh
	@cd Benchmarks && swift package --disable-sandbox benchmark $(ARGUMENTS)

build: ## Build the command descent for this machine.
	@Scripts/prepare.sh
	@Scripts/build-native.sh --product descent

install: build ## Install the command descent into PREFIX/bin (PREFIX=/usr/local).
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$(Scripts/build-native.sh --show-bin-path)/descent" "$(DESTDIR)$(PREFIX)/bin/descent"

docs: ## Build the documentation into .build/documentation.
	@Scripts/prepare.sh
	@Scripts/docs.sh

format: ## Format the code.
	swift format --in-place --recursive --parallel Sources Tests Examples Fuzzing/Package.swift Fuzzing/Targets Fuzzing/Fuzz Benchmarks/Package.swift Benchmarks/Benchmarks Package.swift

lint: ## Check the code's format.
	swift format lint --strict --recursive --parallel Sources Tests Examples Fuzzing/Package.swift Fuzzing/Targets Fuzzing/Fuzz Benchmarks/Package.swift Benchmarks/Benchmarks Package.swift

clean: ## Delete what was built.
	rm -rf .build
