#!/usr/bin/env bash
# How do the paper's test protocols compare? Trains spp-small on class folders, several seeds, and measures each on what its
# split holds out: crop, full image, 10 views, 96 views from feature maps and the same 96 as crops, at the paper's scales and at
# scales near those of the training. Prints the table of docs/results.md.
# usage: bench/views-study.sh DATA [FOLDER] [SEEDS]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-runs/views-study}
seeds=${3:-"1 2 3"}
near=96,99,102,106,109,112
dotnet build -c Release src/Cli -v quiet
run() { dotnet src/Cli/bin/Release/net10.0/ilgpuspp.dll "$@"; }

mkdir -p "$out"
: > "$out/table.jsonl"
for seed in $seeds; do
  run train --data "$data" --split 0.7 --sizes 96,80 --crop 96 --epochs 40 --batch 32 --seed "$seed" --quiet --overwrite --out "$out/$seed" > "$out/$seed.log"
  model="$out/$seed/last.safetensors"
  run eval --model "$model" --data "$data" --split 0.7 --seed "$seed" --views crop,full,full+flip,ten,multi,multi-crops,multi+full --json | sed "s/^/$seed /" | tee -a "$out/table.jsonl"
  run eval --model "$model" --data "$data" --split 0.7 --seed "$seed" --views multi,multi-crops --scales "$near" --json | sed "s/\"multi/\"near multi/; s/^/$seed /" | tee -a "$out/table.jsonl"
done
awk '
  function value(key,  text) { if (!match($0, "\"" key "\":\"?[^,\"}]*")) return ""; text = substr($0, RSTART, RLENGTH); sub(/^"[^"]*":"?/, "", text); return text }
  value("view") == "" { next }
  { view = value("view"); if (!(view in seen)) { seen[view] = 1; names[++k] = view } if (!($1 in known)) { known[$1] = 1; seeds[++n] = $1 }
    top[view, $1] = 100 * value("top1"); seconds[view, $1] = value("seconds") }
  END {
    printf "\n| view |"; for (i = 1; i <= n; i++) printf " seed %s |", seeds[i]; print " mean |"
    printf "|---|"; for (i = 0; i <= n; i++) printf "---|"; print ""
    for (j = 1; j <= k; j++) { printf "| %s |", names[j]; sum = time = 0
      for (i = 1; i <= n; i++) { printf " %.1f (%.1f) |", top[names[j], seeds[i]], seconds[names[j], seeds[i]]; sum += top[names[j], seeds[i]]; time += seconds[names[j], seeds[i]] }
      printf " %.1f (%.1f) |\n", sum / n, time / n }
  }' "$out/table.jsonl"
