# Shared by the gates: stops at the first error, and works from wherever it is called.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
say() { printf '\n== %s\n' "$*"; }
