#!/usr/bin/env bash
# Tables 9 to 11 of the paper from ImageNet's ResNet-18 on photographs of VOC 2007 (bench/voc-split.sh): with and without fine-tuning and
# box regression, support vector machines and softmax, end to end, one and five scales, SPP-net and R-CNN on the same windows, two models
# together. What is done is kept, so that a stopped study goes on. Prints the table. SCALE (600) and ITERATIONS end to end (6000) are taken
# from the environment; with FIVE set the paper's five scales are tried too.
# usage: bench/detection-study.sh SOURCE [FOLDER] [TRAIN TEST]
set -euo pipefail
source=$(realpath "$1")
cd "$(dirname "$0")/.."
out=${2:-runs/detection-study} train=${3:-} test=${4:-}
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}
network="--from resnet18-imagenet --yes --at layer4_2"
start="$network --scales ${SCALE:-600}"

mkdir -p "$out"
# shellcheck disable=SC2086
bench/voc-split.sh "$source" "$out/voc" $train $test
bench/voc-split.sh "$source" "$out/voc-few" 60 40 > /dev/null

# name, set, options of training
trained() {
  local name=$1 set=$2
  shift 2
  [ -f "$out/$name/detector.safetensors" ] || "$program" detect train --data "$out/$set" --out "$out/$name" "$@" >> "$out/$name.log" 2>&1 || { tail -n 5 "$out/$name.log"; exit 1; }
}
# name of the row, set, options of the test
tested() {
  local name=$1 set=$2
  shift 2
  [ -f "$out/test-$name.json" ] || { "$program" detect test --data "$out/$set" --out "$out/test-$name" --json "$@" > "$out/test-$name.part" 2>> "$out/$name.log" && mv "$out/test-$name.part" "$out/test-$name.json"; } || { tail -n 5 "$out/$name.log"; exit 1; }
  echo "$name" >> "$out/rows"
}
: > "$out/rows"
# shellcheck disable=SC2086
{
  trained tuned voc $start
  tested tuned-svm voc --model "$out/tuned"
  tested tuned-svm-plain voc --model "$out/tuned" --no-box-regression
  tested tuned-softmax voc --model "$out/tuned" --scores softmax
  trained end-to-end voc $start --end-to-end --iterations "${ITERATIONS:-6000}" --freeze-through layer2_1
  tested end-to-end voc --model "$out/end-to-end"
  tested together voc --model "$out/tuned" --model "$out/end-to-end" --scores softmax
  trained pooled voc $start --hidden 0 --levels 3,2,1 --iterations 0
  tested pooled-svm voc --model "$out/pooled"
  tested pooled-svm-plain voc --model "$out/pooled" --no-box-regression
  trained few-spp voc-few $start --max-proposals 500
  tested few-spp voc-few --model "$out/few-spp"
  trained few-rcnn voc-few $network --max-proposals 500 --method rcnn
  tested few-rcnn voc-few --model "$out/few-rcnn"
  if [ -n "${FIVE:-}" ]; then
    trained five voc $network --scales 480,576,688,864,1200
    tested five-svm voc --model "$out/five"
  fi
}
echo "| row | images | mAP 11-point (95 % of draws) | mAP area | COCO AP | convolutions s | fully connected, scores, boxes s |"
echo "|---|---|---|---|---|---|---|"
while read -r name; do
  sed -E "s/.*\"images\":([0-9]+).*\"map11\":([0-9.]+),\"map11_interval\":\[([0-9.]+),([0-9.]+)\],\"map_area\":([0-9.]+),\"map_coco\":([0-9.]+).*\"convolutions\":([0-9.]+),\"fully_connected\":([0-9.]+).*/\1 \2 \3 \4 \5 \6 \7 \8/" "$out/test-$name.json" |
    awk -v name="$name" '{ printf "| %s | %d | %.3f (%.3f to %.3f) | %.3f | %.3f | %.2f | %.2f |\n", name, $1, $2, $3, $4, $5, $6, $7, $8 }'
done < "$out/rows"
