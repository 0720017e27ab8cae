#!/usr/bin/env bash
# Which part of the recipe of spp-small costs accuracy on photographs: rate, colours, size of the images, sizes of the training?
# Trains on half of every class of one or several class folders, several seeds (each with a split of its own), 40 epochs, and
# measures the last epoch's weights on the other half: centre crop and full image. A run whose line is in FOLDER/table.csv is not
# run again. Prints a table a data set, mean ± 95 % interval over the seeds, and the paired difference to the first setting.
# usage: bench/recipe-study.sh "DATA ..." [FOLDER] [SEEDS] [SETTINGS]
#   environment: THREADS (default 1); SETTINGS are names from the list below, by default all
set -euo pipefail
for folder in $1; do data="${data:-} $(realpath "$folder")"; done
cd "$(dirname "$0")/.."
out=${2:-runs/recipe-study}
seeds=${3:-"1 2 3 4 5"}
chosen=${4:-}
threads=${THREADS:-1}
dotnet build -c Release src/Cli -v quiet
run() { dotnet src/Cli/bin/Release/net10.0/ilgpuspp.dll "$@"; }
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

mkdir -p "$out"
touch "$out/table.csv"
for seed in $seeds; do
  for folder in $data; do
    while read -r name options; do
      [ -z "$chosen" ] || [[ " $chosen " == *" $name "* ]] || continue
      ! grep -q "^$(basename "$folder"),$name,$seed," "$out/table.csv" || continue
      into="$out/$(basename "$folder")-$name-$seed"
      # shellcheck disable=SC2086
      run train --data "$folder" --split 0.5 --seed "$seed" --eval-every 40 --threads "$threads" --loader-threads 1 --quiet --overwrite --out "$into" $options > "$into.log"
      score() { run eval --model "$into/last.safetensors" --data "$folder" --split 0.5 --seed "$seed" --threads "$threads" --views "$1" --json | field top1; }
      echo "$(basename "$folder"),$name,$seed,$(score crop),$(score full)" | tee -a "$out/table.csv"
    done <<'SETTINGS'
before --sizes 96 --crop 96 --min-side 110 --lr 0.02 --augment strong
rate-0.1 --sizes 96 --crop 96 --min-side 110 --lr 0.1 --augment strong
no-colours --sizes 96 --crop 96 --min-side 110 --lr 0.02 --augment crops
one-scale --sizes 96 --crop 128 --min-side 128 --lr 0.02 --augment strong
one-scale-0.1 --sizes 96 --crop 128 --min-side 128 --lr 0.1 --augment strong
one-scale-no-colours --sizes 96 --crop 128 --min-side 128 --lr 0.02 --augment crops
one-scale-two-sizes --sizes 96,80 --crop 128 --min-side 128 --lr 0.02 --augment strong
default
randaugment-mixup --augment crops+randaugment+mixup
SETTINGS
  done
done
awk -F, '
  # Student s t for a two-sided 95 % interval with m values.
  function t(m) { split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262", q, " "); return m < 2 ? 0 : m < 11 ? q[m - 1] : 2 }
  function interval(sum, squares, m,  v) { v = squares / m - (sum / m) ^ 2; return m > 1 && v > 0 ? t(m) * sqrt(v / (m - 1)) : 0 }
  function show(sum, squares, m) { return sprintf("%.1f ± %.1f", sum / m, interval(sum, squares, m)) }
  { if (!($1 in sets)) { sets[$1] = 1; set[++d] = $1 } if (!($2 in known)) { known[$2] = 1; name[++k] = $2 } if (!($3 in had)) { had[$3] = 1; seed[++r] = $3 }
    crop[$1, $2, $3] = 100 * $4; full[$1, $2, $3] = 100 * $5 }
  END {
    for (i = 1; i <= d; i++) {
      printf "\n%s\n\n| setting | seeds | full image, top-1 %% | difference | crop, top-1 %% |\n|---|---|---|---|---|\n", set[i]
      for (j = 1; j <= k; j++) {
        m = p = a = aa = b = bb = c = cc = 0
        for (s = 1; s <= r; s++) if ((set[i], name[j], seed[s]) in full) {
          x = full[set[i], name[j], seed[s]]; y = crop[set[i], name[j], seed[s]]; m++; a += x; aa += x * x; b += y; bb += y * y
          if ((set[i], name[1], seed[s]) in full) { z = x - full[set[i], name[1], seed[s]]; p++; c += z; cc += z * z }
        }
        if (m) printf "| %s | %d | %s | %s | %s |\n", name[j], m, show(a, aa, m), (j > 1 && p ? show(c, cc, p) : "-"), show(b, bb, m)
      }
    }
  }' "$out/table.csv"
