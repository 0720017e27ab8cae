#!/usr/bin/env bash
# Kills (SIGKILL) random ranks of a distributed run at random moments, resumes it each time on a random number of ranks, and compares its end with that of a run of one
# process that nothing happened to: bench/distributed-kills.sh [kills, 20] [launcher, mpirun.openmpi]. Every checkpoint between must be whole.
set -euo pipefail
kills=${1:-20} launcher=${2:-mpirun.openmpi}
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet build "$root/src/Cli" -c Release -v q --nologo > /dev/null
program=(dotnet "$root/src/Cli/bin/Release/net10.0/ilgpuspp.dll")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
RANDOM=16
launch=("$launcher")
case $(basename "$launcher") in *openmpi*) launch+=(--oversubscribe); if [ "$(id -u)" = 0 ]; then launch+=(--allow-run-as-root); fi ;; esac

common=(--shapes 60 --sizes 32 --batch 16 --width 0.25 --threads 1 --loader-threads 1 --schedule constant --save-steps 1)
start() { # ranks, arguments: the launcher in the background, its process in $pid
    rm -f rank.*
    # shellcheck disable=SC2016
    "${launch[@]}" -np "$1" sh -c 'echo $$ > rank.${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; exec "$@"' sh "${program[@]}" train "${@:2}" --distributed mpi > out 2> err < /dev/null &
    pid=$!
}
lost=0
for ((kill = 1; kill <= kills; kill++)); do
    counts=(2 3 4)
    ranks=${counts[RANDOM % 3]}
    if [ -f run/last.safetensors ]; then start "$ranks" --resume run --threads 1; else start "$ranks" "${common[@]}" --epochs 100000 --out run --overwrite; fi
    # Some kills come while the ranks start, most while they train.
    sleep "$((RANDOM % 6 + 2)).$((RANDOM % 10))"
    victim=$((RANDOM % ranks))
    for ((wait = 0; wait < 100; wait++)); do [ -s "rank.$victim" ] && break; sleep 0.1; done
    had=no; [ -f run/last.safetensors ] && had=yes
    kill -KILL "$(cat "rank.$victim")"
    from=$SECONDS
    code=0; wait "$pid" || code=$?
    # The next start reads the checkpoint; one that is gone or cannot be read is lost.
    if [ $had = yes ] && [ ! -f run/last.safetensors ]; then lost=$((lost + 1)); fi
    if grep -q "ilgpuspp: .*safetensors" err; then lost=$((lost + 1)); cat err; fi
    echo "kill $kill: rank $victim of $ranks, all ended after $((SECONDS - from)) s with $code"
done

[ -f run/metrics.csv ] || { echo "The kills came before an epoch was over: too slow a machine for these moments."; exit 1; }
epochs=$(( $(wc -l < run/metrics.csv) + 1 ))
start 4 --resume run --threads 1 --epochs "$epochs"
wait "$pid" || { cat out err; exit 1; }
"${program[@]}" train "${common[@]}" --epochs "$epochs" --out whole --shards 8 --quiet > whole.out
echo "$kills kills, $lost checkpoints lost, $epochs epochs"
sha256sum run/last.safetensors whole/last.safetensors
cmp run/last.safetensors whole/last.safetensors && [ "$lost" = 0 ]
