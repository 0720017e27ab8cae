#!/usr/bin/env bash
# Which layer's features carry over to classes that a network never saw, and from which view of an image? Trains spp-small on every
# second class folder, judges its layers on the others by the Caltech-101 protocol, then the other way round. Prints both tables.
# usage: bench/transfer-study.sh DATA [FOLDER]
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-runs/transfer-study}
dotnet build -c Release src/Cli -v quiet
run() { dotnet src/Cli/bin/Release/net10.0/ilgpuspp.dll "$@"; }

mkdir -p "$out/odd" "$out/even"
half=odd
for class in "$data"/*/; do
  ln -sfn "$class" "$out/$half/$(basename "$class")"
  [ $half = odd ] && half=even || half=odd
done
for pair in "odd even" "even odd"; do
  read -r known other <<< "$pair"
  run train --data "$out/$known" --sizes 96,80 --crop 96 --epochs 40 --batch 32 --seed 1 --quiet --overwrite --out "$out/net-$known" > "$out/net-$known.log"
  echo "trained on: $(ls "$out/$known" | tr '\n' ' ')"
  run transfer --model "$out/net-$known/last.safetensors" --data "$out/$other" --layers conv3,conv4,pool6x6,pyramid,fc5 --views crop,full,warp --out "$out/to-$other"
done
