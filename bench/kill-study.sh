#!/usr/bin/env bash
# Does a kill at any moment change what training ends with? Kills train and detect train (SIGKILL) at random moments and starts them
# again, until each has been killed KILLS times, and compares the hashes of all model files of every run that ends with those of an
# unbroken one. Prints one line a run; exits 1 where a hash differs. The same SEED gives the same delays.
# usage: bench/kill-study.sh KILLS [FOLDER] [SEED]
set -euo pipefail
kills=$1
cd "$(dirname "$0")/.."
out=${2:-runs/kill-study}
RANDOM=${3:-1}
[ -n "${ILGPUSPP:-}" ] || dotnet build -c Release src/Cli -v quiet
program=${ILGPUSPP:-src/Cli/bin/Release/net10.0/ilgpuspp}
rm -rf "$out"
mkdir -p "$out"

# Ends where a checkpoint is, or starts anew where there is none yet.
train() {
  local run=$1
  if [ -f "$run/last.safetensors" ]; then exec "$program" train --resume "$run" --threads 2 --quiet; fi
  exec "$program" train --shapes 200 --epochs 2 --batch 16 --sizes 24,20 --save-steps 2 --seed 3 --threads 2 --quiet --overwrite --out "$run"
}
detect() {
  exec "$program" detect train --data "$out/scenes" --from "$out/start/last.safetensors" --out "$1" --iterations 200 --max-proposals 30 --lr 0.01 --threads 2 --quiet
}
hashes() { (cd "$1" && find . -name '*.safetensors' ! -name '*.tmp' | LC_ALL=C sort | xargs sha256sum); }

"$program" data shapes --voc "$out/scenes" --train 6 --val 1 > /dev/null
(train "$out/start") > /dev/null
bad=0
for what in train detect; do
  began=$(date +%s%N)
  ($what "$out/$what-whole") > "$out/$what-whole.log" 2>&1
  length=$(( ($(date +%s%N) - began) / 1000000 ))
  hashes "$out/$what-whole" > "$out/$what-whole.sha"
  total=0 number=0
  while [ "$total" -lt "$kills" ]; do
    number=$((number + 1)) run="$out/$what-$number" here=0
    while :; do
      ($what "$run") > "$run.log" 2>&1 &
      child=$!
      # From the start of the program to the length of a whole run, mostly early; later the more often it was killed, so that a machine
      # that has become busier gets to the end too.
      sleep "$(awk -v l="$length" -v r="$RANDOM" -v n="$here" 'BEGIN { printf "%.3f", 0.05 + l / 1000 * (1 + n / 10) * (r / 32768) ^ 2 }')"
      kill -KILL "$child" 2> /dev/null || true
      if wait "$child" 2> /dev/null; then break; else code=$?; fi
      [ "$code" -eq 137 ] || { cat "$run.log"; echo "$what $number: exit $code"; exit 1; }
      here=$((here + 1)) total=$((total + 1))
    done
    hashes "$run" > "$run.sha"
    if cmp -s "$run.sha" "$out/$what-whole.sha"; then verdict="equal"; else verdict="DIFFERENT"; bad=1; fi
    echo "$what run $number: $here kills, $total in all, $(wc -l < "$run.sha") files, $verdict"
    [ "$verdict" = equal ] && rm -rf "$run"
  done
done
exit $bad
