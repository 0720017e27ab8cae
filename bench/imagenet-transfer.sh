#!/usr/bin/env bash
# Tables 6 and 7 of the paper from ImageNet's ResNet-18: which layer, which pooling and which view of an image carry over to Caltech-101
# (30 training and at most 50 test images a class, 10 splits) and VOC 2007 (one split, bench/voc-split.sh)? One run a view; what is done
# is kept, so that a stopped study goes on. Prints both tables.
# usage: bench/imagenet-transfer.sh CALTECH101 VOC [FOLDER]
set -euo pipefail
caltech=$(realpath "$1") voc=$(realpath "$2")
cd "$(dirname "$0")/.."
out=${3:-runs/imagenet-transfer}
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}

mkdir -p "$out"
for set in caltech voc; do
  data=${!set}
  # Long rows take their time: the pyramid and the layers below the last are judged at one scale.
  for run in crop-256 warp-224 full-224 full-256 full-320 full-392 full-256-pyramid; do
    [ -f "$out/$set-$run/transfer.csv" ] && continue
    IFS=- read -r view side rest <<< "$run"
    [ -z "$rest" ] && layers=avgpool,layer4_2@1 || layers=layer4_2@1+2+3,layer4_1@1,layer3_1@1
    "$program" transfer --model resnet18-imagenet --yes --data "$data" --layers "$layers" --views "$view" --min-side "$side" --out "$out/$set-$run" > "$out/$set-$run.log" 2>&1 || { cat "$out/$set-$run.log"; exit 1; }
    echo "$set $run done" >&2
  done
done
for set in caltech voc; do
  head -n 1 "$out/$set-crop-256/transfer.md"
  awk -F, '
    FNR == 1 { n = split(FILENAME, part, "/"); view = part[n - 1]; sub(/^[a-z]*-/, "", view); sub(/-pyramid$/, "", view); if (!(view in seen)) { seen[view] = 1; views[++k] = view }; next }
    { if (!($1 in row)) { row[$1] = ++m; name[m] = $1 }; cell[$1, view] = $5 == "" ? sprintf("%.1f", 100 * $4) : sprintf("%.1f ± %.1f", 100 * $4, 100 * $5) }
    END {
      printf "\n| layer |"; for (i = 1; i <= k; i++) { split(views[i], part, "-"); printf " %s, %s |", part[1], part[2] }
      printf "\n|---|"; for (i = 1; i <= k; i++) printf "---|"
      for (j = 1; j <= m; j++) { printf "\n| %s |", name[j]; for (i = 1; i <= k; i++) printf " %s |", ((name[j], views[i]) in cell ? cell[name[j], views[i]] : "-") }
      print "\n" }' "$out/$set"-{crop-256,warp-224,full-224,full-256,full-320,full-392,full-256-pyramid}/transfer.csv
done
