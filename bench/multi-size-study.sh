#!/usr/bin/env bash
# Table 2 of the paper on Caltech-101's photographs: the four networks without a pyramid, with {6,3,2,1} at one size and at two in turn, and
# with {4,3,2,1}, all at a quarter of the width, 30 images a class to train on and the others to test on, ten views of the last epoch's
# weights and, with a pyramid, the whole image. One line a run is kept in FOLDER/table.csv, so that a stopped study goes on; a run that was
# cut off in the middle too. AdamW instead of the paper's SGD: with 3,030 images and initial weights of deviation 0.01 SGD does not leave its first
# plateau in eight epochs at 0.01, whatever the pixels are divided by. Prints the table of all runs so far: means over the seeds, with 95 % intervals where there are two or more.
# usage: bench/multi-size-study.sh CALTECH101 [FOLDER] [SEEDS] [NETWORKS]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-runs/multi-size-study}
seeds=${3:-"1 2 3 4 5"}
networks=${4:-"zf5 convnet5 overfeat5 overfeat7"}
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

mkdir -p "$out"
touch "$out/table.csv"
for seed in $seeds; do
  bench/caltech-split.sh "$data" "$out/$seed" "$seed" 30
  for network in $networks; do
    while read -r setting options; do
      grep -q "^$network,$setting,$seed," "$out/table.csv" && continue
      run="$out/$network-$setting-$seed"
      # shellcheck disable=SC2086
      if [ -f "$run/last.safetensors" ]; then "$program" train --resume "$run" --quiet >> "$run.log" 2>&1
      else "$program" train --data "$out/$seed-train.csv" --val "$out/$seed-val.csv" --allow-outside --model "$network" --width 0.25 --epochs "${EPOCHS:-30}" --batch 32 --optimiser adamw --lr 0.0003 --weight-decay 0.02 --normalise constant128 --schedule cosine --augment crops --eval-every 1000 --seed "$seed" --quiet --overwrite --out "$run" $options > "$run.log" 2>&1
      fi
      ten=$("$program" eval --model "$run/last.safetensors" --data "$out/$seed-val.csv" --allow-outside --views ten --json | field top1)
      full=
      [ "$setting" = none ] || full=$("$program" eval --model "$run/last.safetensors" --data "$out/$seed-val.csv" --allow-outside --views full --json | field top1)
      echo "$network,$setting,$seed,$ten,$full" | tee -a "$out/table.csv" >&2
    done <<'SETTINGS'
none --levels none --sizes 224
6321 --levels 6,3,2,1 --sizes 224
6321-two --levels 6,3,2,1 --sizes 224,180
4321 --levels 4,3,2,1 --sizes 224
SETTINGS
  done
done
awk -F, '
  # Two-sided 95 % points of Student t for 1 to 9 degrees of freedom.
  BEGIN { split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262", t, " ") }
  { key = $1 "," $2; if (!(key in n)) order[++k] = key; n[key]++; for (i = 4; i <= 5; i++) if ($i != "") { sum[key, i] += $i; square[key, i] += $i * $i; has[key, i] = 1 } }
  function cell(key, i, m, v) {
    if (!((key, i) in has)) return "-"
    m = sum[key, i] / n[key]
    if (n[key] < 2) return sprintf("%.1f", 100 * m)
    v = (square[key, i] - n[key] * m * m) / (n[key] - 1)
    return sprintf("%.1f ± %.1f", 100 * m, 100 * t[n[key] - 1] * sqrt((v > 0 ? v : 0) / n[key]))
  }
  END {
    print "| network | pyramid | seeds | ten views, top-1 % | whole image, top-1 % |\n|---|---|---|---|---|"
    for (j = 1; j <= k; j++) { split(order[j], part, ","); printf "| %s | %s | %d | %s | %s |\n", part[1], part[2], n[order[j]], cell(order[j], 4), cell(order[j], 5) }
  }' "$out/table.csv"
