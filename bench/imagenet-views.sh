#!/usr/bin/env bash
# Table 4 of the paper from ImageNet's ResNet-18 on Caltech-101: a pyramid {3,2,1} in place of its pooling and a new last layer, trained on
# 30 images a class, tested on at most 10 others of each: crop, whole image, ten views cut out and from the maps, 96 views from the maps of the paper's six scales and
# the same 96 as crops (half an hour a seed; VIEWS="crop full" tries some alone). What is done is kept, so that a stopped study goes on. Prints the table.
# usage: bench/imagenet-views.sh CALTECH101 [FOLDER] [SEEDS]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-runs/imagenet-views}
seeds=${3:-"1 2 3"}
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}

mkdir -p "$out"
touch "$out/table.jsonl"
for seed in $seeds; do
  split="$out/$seed"
  bench/caltech-split.sh "$data" "$split" "$seed" 30 10
  # A run that has ended is resumed for nothing.
  if [ -f "$out/net-$seed/last.safetensors" ]; then "$program" train --resume "$out/net-$seed" --quiet >> "$out/net-$seed.log" 2>&1
  else "$program" train --data "$split-train.csv" --val "$split-val.csv" --allow-outside --from resnet18-imagenet --yes --levels 3,2,1 --hidden 0 --seed "$seed" --quiet --overwrite --out "$out/net-$seed" > "$out/net-$seed.log" 2>&1
  fi
  for view in ${VIEWS:-crop full full+flip ten ten-maps multi multi+full multi-crops}; do
    grep -q "^$seed .*\"view\":\"$view\"" "$out/table.jsonl" && continue
    "$program" eval --model "$out/net-$seed/last.safetensors" --data "$split-val.csv" --allow-outside --views "$view" --json | grep '"view"' | sed "s/^/$seed /" | tee -a "$out/table.jsonl" >&2
  done
done
awk '
  function value(key,  text) { if (!match($0, "\"" key "\":\"?[^,\"}]*")) return ""; text = substr($0, RSTART, RLENGTH); sub(/^"[^"]*":"?/, "", text); return text }
  { view = value("view"); if (!(view in n)) names[++k] = view; n[view]++; top = 100 * value("top1"); sum[view] += top; each[view] = each[view] sprintf(" %.1f", top); time[view] += value("seconds") }
  END {
    print "| view | top-1 %, seed by seed | mean | seconds |\n|---|---|---|---|"
    for (j = 1; j <= k; j++) printf "| %s |%s | %.1f | %.0f |\n", names[j], each[names[j]], sum[names[j]] / n[names[j]], time[names[j]] / n[names[j]]
  }' "$out/table.jsonl"
