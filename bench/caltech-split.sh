#!/usr/bin/env bash
# Writes the manifests PREFIX-train.csv and PREFIX-val.csv of class folders: TRAIN images a class to train on, the others, or at most TEST,
# to test on; in the order of the SHA-256 of seed, class and name, so that they are the same everywhere.
# usage: bench/caltech-split.sh CLASSES PREFIX SEED TRAIN [TEST]
set -euo pipefail
data=$(realpath "$1") prefix=$2 seed=$3 train=$4 test=${5:-1000000}
for part in train val; do echo file,class > "$prefix-$part.csv"; done
for class in "$data"/*/; do
  class=$(basename "$class")
  (cd "$data/$class" && printf '%s\n' *.jpg) | while read -r file; do echo "$(printf '%s' "$seed/$class/$file" | sha256sum | cut -c1-16) $file"; done | LC_ALL=C sort |
    awk -v line="$data/$class/%s,$class\n" -v train="$prefix-train.csv" -v val="$prefix-val.csv" -v n="$train" -v m="$test" 'NR <= n { printf line, $2 >> train } NR > n && NR <= n + m { printf line, $2 >> val }'
done
