#!/usr/bin/env bash
# Feeds a reader with inputs that libFuzzer makes: Scripts/fuzz.sh TARGET|all [RUNS]
# An input on which a reader traps is left in Fuzzing/; Scripts/fuzz.sh TARGET FILE reads it again.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?Scripts/fuzz.sh TARGET|all [RUNS]}
runs=${2:-1000000}
file=$(realpath -m -- "$runs")
export DESCENT_FUZZING=1
unset DESCENT_STRICT
cd Fuzzing
# C is checked for bad memory accesses too; the linker must be one that knows what the sanitizers write.
build=(swift build -c release --product fuzz -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=address)
[ "$(uname)" = Darwin ] || build+=(-Xswiftc -use-ld=lld)  # gold, the default, gives up on them
"${build[@]}"
fuzz="$("${build[@]}" --show-bin-path)/fuzz"
# The inputs are files: in memory, where there is such a place.
[ ! -d /dev/shm ] || export TMPDIR=/dev/shm
# Swift's own report of a trap would wait for an answer, and libFuzzer makes one.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
if [ -f "$file" ]; then exec "$fuzz" "$target" "$file"; fi
if [ "$target" = all ]; then
  for target in $("$fuzz" | tail -n +2 || true); do
    echo "== $target"
    "$fuzz" "$target" "-runs=$runs" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
  done
else
  "$fuzz" "$target" "-runs=$runs" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
fi
