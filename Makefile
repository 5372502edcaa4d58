# make ekf    install what is missing, build, run the Kalman filter
# make test   install what is missing, run every test
# make bench-ekf   the filter beside NumPy's, alternating

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: deps ekf test bench-ekf

# OpenBLAS and pkg-config, by the package manager of Debian and Ubuntu; elsewhere it says what to install.
deps:
	@if pkg-config --exists openblas 2>/dev/null || [ "$$(uname)" = Darwin -a -d "$$(brew --prefix openblas 2>/dev/null)" ]; then :; \
	elif command -v apt-get >/dev/null; then \
		$(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq libopenblas-dev pkg-config; \
	else \
		echo "Install OpenBLAS: Fedora: dnf install openblas-devel pkgconf; Arch: pacman -S openblas pkgconf; macOS: brew install openblas pkgconf" >&2; exit 1; \
	fi

ekf: deps
	cargo run --release --example ekf

test: deps
	INSTA_UPDATE=no cargo test --workspace

bench-ekf: deps
	cargo build --release --example ekf
	python3 -m venv .venv-bench
	.venv-bench/bin/pip install --quiet -r bench/ekf/requirements.txt
	.venv-bench/bin/python bench/ekf/bench.py
