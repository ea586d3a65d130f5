# Shared by the gates: stops at the first error, and works from wherever it is called.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
say() { printf '\n== %s\n' "$*"; }
# Runs another gate and says how long it took.
gate() {
    say "ci/$*"
    local start=$SECONDS
    "ci/$@"
    say "ci/$1 passed in $((SECONDS - start)) s"
}
