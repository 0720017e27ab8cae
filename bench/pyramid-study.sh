#!/usr/bin/env bash
# Does the pyramid help, and does multi-size training? Trains spp-small on 1000 drawn shapes, several seeds a setting, and
# measures each on 1000 others. Prints one line a run and the table of docs/results.md.
# usage: bench/pyramid-study.sh [FOLDER] [SEEDS]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/pyramid-study}
seeds=${2:-"1 2 3"}
dotnet build -c Release src/Cli -v quiet
run() { dotnet src/Cli/bin/Release/net10.0/ilgpuspp.dll "$@"; }
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

mkdir -p "$out"
: > "$out/table.csv"
for seed in $seeds; do
  while read -r name options; do
    # shellcheck disable=SC2086
    run train --shapes 1000 --epochs 16 --seed "$seed" --split-seed 1 --quiet --overwrite --out "$out/$name-$seed" $options > "$out/$name-$seed.log"
    crop=$(run eval --model "$out/$name-$seed/last.safetensors" --views crop --json | field top1)
    full=-
    [ "$name" = no-pyramid ] || full=$(run eval --model "$out/$name-$seed/last.safetensors" --views full --json | field top1)
    echo "$name,$seed,$crop,$full" | tee -a "$out/table.csv"
  done <<'SETTINGS'
no-pyramid --levels none --sizes 96
pyramid-96 --sizes 96
pyramid-80 --sizes 80 --crop 96
multi-size --sizes 96,80
random-size --sizes 96,80 --random-size
SETTINGS
done
awk -F, '
  { n[$1]++; c[$1] += $3; cc[$1] += $3 * $3; if ($4 != "-") { f[$1] += $4; ff[$1] += $4 * $4; full[$1] = 1 } if (!($1 in order)) { order[$1] = ++k; name[k] = $1 } }
  function spread(s, q, m) { v = q / m - (s / m) ^ 2; return m > 1 && v > 0 ? sqrt(v * m / (m - 1)) : 0 }
  END {
    print "\n| setting | seeds | crop top-1 % (mean ± sd) | full-image top-1 % (mean ± sd) |\n|---|---|---|---|"
    for (i = 1; i <= k; i++) { s = name[i]
      printf "| %s | %d | %.1f ± %.1f | ", s, n[s], 100 * c[s] / n[s], 100 * spread(c[s], cc[s], n[s])
      if (s in full) printf "%.1f ± %.1f |\n", 100 * f[s] / n[s], 100 * spread(f[s], ff[s], n[s]); else print "- |" }
  }' "$out/table.csv"
