#!/usr/bin/env bash
# Checks that Swift code in the documentation is code that is compiled and run: a block after the line
#     <!-- from FILE -->
# must stand in FILE, line by line.
set -euo pipefail
cd "$(dirname "$0")/.."

checked=0
for document in README.md $(find Sources -path '*.docc/*.md' | sort); do
  while IFS= read -r marker; do
    number=${marker%%:*}
    source=$(sed -n "${number}s/^<!-- from \(.*\) -->$/\1/p" "$document")
    snippet=$(tail -n "+$((number + 1))" "$document" | awk '/^```/ { if (inside) exit; inside = 1; next } inside')
    [ -n "$snippet" ] || { echo "$document:$number: no code follows" >&2; exit 1; }
    case "$(cat "$source")" in
      *"$snippet"*) checked=$((checked + 1)) ;;
      *) echo "$document:$number: the code that follows does not stand in $source" >&2; exit 1 ;;
    esac
  done < <(grep -n '^<!-- from ' "$document" || true)
done
echo "$checked blocks of code found in the files they name"
