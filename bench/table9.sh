#!/usr/bin/env bash
# Table 9 of the paper from a classifier with a pyramid: support vector machines on pooled windows and on each fully connected layer, before
# and after fine-tuning, with box regression, at one and at five scales; before it also with windows by the paper's rule in place of the
# release's. NET's layers are asked of it: spp-small has one fully connected layer in front of the last, zf5 two. Rows that are fine-tuned
# alike share the outcome, all rows the windows found. What is done is kept, so that a stopped table goes on. Prints the table.
# usage: bench/table9.sh DATA NET [FOLDER [OPTIONS OF DETECT TRAIN]]
set -euo pipefail
data=$(realpath "$1") net=$(realpath "$2")
cd "$(dirname "$0")/.."
out=${3:-runs/table9}
shift $(($# < 3 ? $# : 3))
options=("$@")
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}
mkdir -p "$out"

# The layers that machines can read are told by the refusal of one that no network has.
layers=$("$program" detect train --data "$data" --from "$net" --out "$out/refused" --svm-layer '?' 2>&1 || true)
rm -rf "$out/refused"
[[ $layers == *"(the pooled windows)"* ]] || { echo "$layers"; exit 1; }
connected=$(sed -n 's/.*(the pooled windows)\(.*\) of this network.*/\1/p' <<< "$layers" | tr -d ,)

windows=
# name, a run that is fine-tuned alike or -, options of training
trained() {
  local name=$1 alike=$2
  shift 2
  if [ ! -f "$out/$name/detector.safetensors" ]; then
    mkdir -p "$out/$name"
    # Stages that left their file are over; windows are found by their pixels.
    [ -z "$windows" ] || [ -d "$out/$name/proposals" ] || cp -r "$windows" "$out/$name/proposals"
    [ "$alike" = - ] || [ -f "$out/$name/network.safetensors" ] || { cp "$out/$alike/network.safetensors" "$out/$name/network.part" && mv "$out/$name/network.part" "$out/$name/network.safetensors"; }
    "$program" detect train --data "$data" --from "$net" --out "$out/$name" "$@" ${options[@]+"${options[@]}"} >> "$out/$name.log" 2>&1 || { tail -n 5 "$out/$name.log"; exit 1; }
  fi
  windows=$out/$name/proposals
}
# name, run, options of the test
tested() {
  local name=$1 model=$2
  shift 2
  [ -f "$out/test-$name.json" ] || { "$program" detect test --data "$data" --model "$out/$model" --out "$out/test-$name" --json "$@" > "$out/test-$name.part" 2>> "$out/$model.log" && mv "$out/test-$name.part" "$out/test-$name.json"; } || { tail -n 5 "$out/$model.log"; exit 1; }
}

# Without --scales there are five in proportion to the network's crop; their middle one stands alone.
scales_of() { [ "$1" = 5 ] || echo "--scales $(tr -d ' \n' < "$out/pool5-5/detector.json" | sed 's/.*"scales":\[\([0-9,]*\)\].*/\1/' | cut -d, -f3)"; }
# shellcheck disable=SC2046
for count in 5 1; do
  for layer in pool5 $connected; do
    trained "$layer-$count" - --svm-layer "$layer" --iterations 0 --no-box-regression $(scales_of $count)
    tested "$layer-$count" "$layer-$count"
  done
  trained "$layer-paper-$count" - --svm-layer "$layer" --iterations 0 --no-box-regression --window-rule paper $(scales_of $count)
  tested "$layer-paper-$count" "$layer-paper-$count"
done
# shellcheck disable=SC2046
for count in 1 5; do
  alike=-
  for layer in $connected; do
    trained "ft$layer-$count" "$alike" --svm-layer "$layer" $(scales_of $count)
    alike=ft$layer-$count
    tested "ft$layer-$count" "$alike" --no-box-regression
  done
  tested "ft$layer-bb-$count" "$alike"
done

# mAP of a test in %, with the 95 % of draws of its images where the test tells them
cell() {
  sed -E 's/.*"map11":([0-9.]+),("map11_interval":\[([0-9.]+),([0-9.]+)\])?.*/\1 \3 \4/' "$out/test-$1.json" |
    awk '{ printf NF == 3 ? "%.1f (%.1f to %.1f)" : "%.1f", 100 * $1, 100 * $2, 100 * $3 }'
}
row() { echo "| $1 | $(cell "$2-1") | $(cell "$2-5") |"; }
echo "| mAP 11-point, % | 1 scale | 5 scales |"
echo "|---|---|---|"
for layer in pool5 $connected; do row "$layer" "$layer"; done
row "$layer, --window-rule paper" "$layer-paper"
for layer in $connected; do row "ft$layer" "ft$layer"; done
row "ft$layer bb" "ft$layer-bb"
