#!/usr/bin/env bash
# Checks that Swift code in the documentation is code that is compiled and run: a block after the line
#     <!-- from FILE -->
# must stand in FILE, line by line, indentation apart.
set -euo pipefail
cd "$(dirname "$0")/.."

without_indentation() { sed 's/^ *//'; }

checked=0
for document in README.md $(find Sources -path '*.docc/*.md' | sort); do
  while IFS=: read -r number marker; do
    source=$(printf '%s\n' "$marker" | sed -n 's/^<!-- from \(.*\) -->$/\1/p')
    [ -f "$source" ] || { echo "$document:$number: there is no file '$source'" >&2; exit 1; }
    # The whole file is read, so that nothing writes to a pipe that has been closed.
    snippet=$(awk -v start="$number" 'NR <= start || ended { next } /^```/ { ended = inside; inside = 1; next } inside' \
      "$document" | without_indentation)
    [ -n "$snippet" ] || { echo "$document:$number: no code follows" >&2; exit 1; }
    case "$(without_indentation < "$source")" in
      *"$snippet"*) checked=$((checked + 1)) ;;
      *) echo "$document:$number: the code that follows does not stand in $source" >&2; exit 1 ;;
    esac
  done < <(grep -n '^<!-- from ' "$document" || true)
done
echo "$checked blocks of code stand in the files they name"
