# Sourced by ./run and ./test: what a build needs, found or installed. Says what it does; never asks.

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

fail() { printf 'belfry: %s\n' "$*" >&2; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }

# need PACKAGE... : installs Debian packages as root, else says which are missing.
need() {
    if have apt-get && [ "$(id -u)" = 0 ]; then
        say "installing with apt-get: $*"
        apt_get install "$@" || { apt_get update && apt_get install "$@"; } || fail "apt-get could not install: $*"
    else
        fail "these are missing: $*. Install them (Debian: sudo apt-get install $*) and start this again."
    fi
}

apt_get() {
    verb=$1
    shift
    case $verb in
        install) DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2 ;;
        *) apt-get "$verb" >&2 ;;
    esac
}

libclang() {
    # libclang-cpp, which other packages bring, is another library.
    ldconfig -p 2>/dev/null | grep -q 'libclang[-.0-9]*\.so' ||
        find /usr/lib \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' \) 2>/dev/null | grep -q .
}

# The tools of every build: Rust, a C++ compiler for the store, libclang for its binding.
prepare_build() {
    [ -n "${HOME:-}" ] && [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    missing=
    have cc && have c++ || missing="$missing g++"
    libclang || missing="$missing libclang-dev"
    have make || missing="$missing make"
    # shellcheck disable=SC2086 # one word a package
    [ -z "$missing" ] || need $missing
    have cargo || fail "Rust is missing: install it from https://rustup.rs (version $(rust_version) or newer) and start this again."
    if have ccache; then
        # The same flags whatever the folder, so that one cache serves every checkout.
        export CC="ccache cc" CXX="ccache c++" CCACHE_NOHASHDIR=1
    fi
}

rust_version() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

# The page, which the server carries inside. Without npm the server shows a placeholder.
node_is_new() {
    have npm && have node && [ "$(node -p 'const [a,b]=process.versions.node.split(".").map(Number); a>20||(a==20&&b>=19)?1:0')" = 1 ]
}

# An older Node (Debian 12 has 18) can fetch a newer one for this folder alone.
newer_node() {
    have npm || return 1
    PATH="$PWD/target/node/node_modules/node/bin:$PATH"
    node_is_new && return 0
    say "fetching a newer Node into target/node: this one is $(node --version)"
    mkdir -p target/node
    npm install --prefix target/node --no-save --no-fund --no-audit node@22 >&2 && node_is_new
}

install_page() {
    if [ ! -d web/node_modules ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
        say "fetching what the page is built with"
        (cd web && npm ci --no-fund --no-audit >&2)
    fi
}

first_build_note() {
    if ! ls target/debug/deps/lib*rocksdb_sys-*.rlib >/dev/null 2>&1; then
        say "the first build compiles the store's C++ once: about 10 minutes on two cores; later builds take seconds"
    fi
}
