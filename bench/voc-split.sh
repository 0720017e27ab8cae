#!/usr/bin/env bash
# Makes a folder in VOC's layout of the photographs of VOC 2007 among those of another folder (public repository smsjb/voc: VOC 2007's
# test set and some others), one in five of them to test on, the same ones every time: the names in the order of their SHA-256.
# With TRAIN and TEST only so many of each, for studies that cannot take all.
# usage: bench/voc-split.sh SOURCE TARGET [TRAIN TEST]
set -euo pipefail
source=$(realpath "$1")
target=$2
mkdir -p "$target/ImageSets/Main"
ln -sfn "$source/JPEGImages" "$target/JPEGImages"
ln -sfn "$source/Annotations" "$target/Annotations"
(cd "$source/Annotations" && grep -l 'The VOC2007 Database' ./*.xml) | sed 's/^\.\///; s/\.xml$//' |
  while read -r name; do echo "$(printf '%s' "$name" | sha256sum | cut -c1-16) $name"; done | LC_ALL=C sort | cut -d' ' -f2 > "$target/names"
count=$(wc -l < "$target/names")
tests=$((count / 5))
# awk reads to the end, so that nothing is cut off in the middle of writing.
awk -v n="$tests" -v most="${4:-$tests}" 'NR <= n && NR <= most' "$target/names" | LC_ALL=C sort > "$target/ImageSets/Main/test.txt"
awk -v n="$tests" -v most="${3:-$count}" 'NR > n && NR <= n + most' "$target/names" | LC_ALL=C sort > "$target/ImageSets/Main/trainval.txt"
rm "$target/names"
wc -l "$target"/ImageSets/Main/{trainval,test}.txt
