#!/usr/bin/env bash
# Which augmentation suits small sets of photographs: spp-small from scratch on class folders, several seeds a setting, all on one split.
# Goes on where it was stopped: finished runs are kept, one begun is resumed. Prints one line a run and the table of docs/results.md.
# usage: bench/augment-study.sh DATA [FOLDER] [SEEDS]
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?folder of class folders}
out=${2:-runs/augment-study}
seeds=${3:-"1 2 3 4 5"}
mkdir -p "$out"
# A copy of its own, so that later builds do not disturb a study that takes hours.
[ -f "$out/bin/ilgpuspp.dll" ] || dotnet build -c Release src/Cli -v quiet -o "$out/bin"
run() { dotnet "$out/bin/ilgpuspp.dll" "$@"; }
column() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "val_top1") at = i; next } $at != "" { print $at }' "$1"; }

touch "$out/table.csv"
for seed in $seeds; do
  while read -r name augment; do
    grep -q "^$name,$seed," "$out/table.csv" && continue
    folder="$out/$name-$seed"
    if [ -f "$folder/last.safetensors" ]; then run train --resume "$folder" --quiet >> "$folder.log"
    else run train --data "$data" --split-seed 1 --seed "$seed" --augment "$augment" --quiet --overwrite --out "$folder" > "$folder.log"; fi
    # Both from the run's own table: validation top-1 of the best epoch and of the last.
    best=$(column "$folder/metrics.csv" | sort -g | tail -1)
    last=$(column "$folder/metrics.csv" | tail -1)
    echo "$name,$seed,$best,$last" | tee -a "$out/table.csv"
  done <<'SETTINGS'
strong strong
randaugment-mixup crops+randaugment+mixup
SETTINGS
done
awk -F, '
  { n[$1]++; b[$1] += $3; bb[$1] += $3 * $3; l[$1] += $4; ll[$1] += $4 * $4; if (!($1 in order)) { order[$1] = ++k; name[k] = $1 } }
  function spread(s, q, m) { v = q / m - (s / m) ^ 2; return m > 1 && v > 0 ? sqrt(v * m / (m - 1)) : 0 }
  END {
    print "\n| augmentation | seeds | best epoch top-1 % (mean ± sd) | last epoch top-1 % (mean ± sd) |\n|---|---|---|---|"
    for (i = 1; i <= k; i++) { s = name[i]
      printf "| %s | %d | %.1f ± %.1f | %.1f ± %.1f |\n", s, n[s], 100 * b[s] / n[s], 100 * spread(b[s], bb[s], n[s]), 100 * l[s] / n[s], 100 * spread(l[s], ll[s], n[s]) }
  }' "$out/table.csv"
