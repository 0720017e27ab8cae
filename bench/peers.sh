#!/usr/bin/env bash
# Our time beside ONNX Runtime's and LibTorch's (TorchSharp), the table of docs/performance.md: every row's commands in turn, ROUNDS times,
# and the medians' ratio with the least and greatest of the rounds. DOTNET_EnableAVX512=0 in the environment takes AVX-512 from us alone.
# TorchSharp's library needs glibc 2.38; where it does not load its column is left out. PEERS names the program, if it is not to be built here.
# usage: bench/peers.sh [ROUNDS] [FOLDER]        ROWS="forward resnet18 1;gemm" runs some rows alone
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5} out=${2:-runs/peers}
mkdir -p "$out"
dotnet build -c Release src/Cli -v quiet >&2
ours=src/Cli/bin/Release/net10.0/ilgpuspp
if [ -z "${PEERS:-}" ]; then
  dotnet build -c Release bench/Peers -v quiet >&2
  PEERS=bench/Peers/bin/Release/net10.0/peers
fi
torch=yes
$PEERS torch gemm --size 8 --reps 1 > /dev/null 2> "$out/torch.log" || { torch=; echo "LibTorch does not load here: $(tail -n 1 "$out/torch.log")" >&2; }

field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" | tail -n 1; }
stem() { [ -f "$out/stem.onnx" ] || "$ours" models export --model zf5 --at conv5 --size 917x688 --out "$out/stem.onnx" > /dev/null; echo "$out/stem.onnx"; }
model() { [ -f "$out/$1.onnx" ] || "$ours" models export --model "$1" --out "$out/$1.onnx" > /dev/null; echo "$out/$1.onnx"; }
# The milliseconds of a command's own measure, or of the whole process.
measured() { "$@" | field median_ms; }
whole() { local start=$EPOCHREALTIME; "$@" > /dev/null; local end=$EPOCHREALTIME; awk -v a="$start" -v b="$end" 'BEGIN { printf "%.1f\n", 1000 * (b - a) }'; }

# row NAME CLOCK OURS... -- THEIRS...
row() {
  local name=$1 clock=$2 i a=() b=()
  shift 2
  [ -z "${ROWS:-}" ] || [[ ";$ROWS;" == *";$name;"* ]] || return 0
  while [ "$1" != -- ]; do a+=("$1"); shift; done
  shift
  b=("$@")
  for ((i = 0; i < rounds; i++)); do echo "$($clock "${a[@]}") $($clock "${b[@]}")"; done | awk -v name="$name" -v by="$(case ${b[*]} in *onnx*) echo "ONNX Runtime" ;; *) echo LibTorch ;; esac)" '
    function sorted(v, n,  i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t } }
    { n++; a[n] = $1; b[n] = $2; r[n] = $1 / $2 }
    END { sorted(a, n); sorted(b, n); sorted(r, n); m = int((n + 1) / 2); printf "| %s | %s | %.1f | %.1f | **%.2f** | %.2f to %.2f |\n", name, by, a[m], b[m], r[m], r[1], r[n] }'
}

echo "| work | beside | ours ms | theirs ms | ratio | rounds |"
echo "|---|---|---|---|---|---|"
for network in zf5 resnet18 vgg16; do
  row "forward $network 1" measured "$ours" bench forward --model $network --batch 1 --reps 25 -- $PEERS onnx forward "$(model $network)" --batch 1 --reps 25
done
for network in zf5 resnet18 vgg16; do
  row "forward $network 16" measured "$ours" bench forward --model $network --batch 16 --reps 5 -- $PEERS onnx forward "$(model $network)" --batch 16 --reps 5
done
# Ours are the features of 2000 windows, theirs the convolutions alone.
row "detect 2000" measured "$ours" bench detect --reps 9 -- $PEERS onnx forward "$(stem)" --batch 1 --reps 9
if [ -n "$torch" ]; then
  for network in zf5 resnet18 vgg16; do
    row "train $network 16" measured "$ours" bench train --model $network --batch 16 --reps 3 -- $PEERS torch train $network --batch 16 --reps 3
  done
  row "train small 64" measured "$ours" bench small --batch 64 --reps 25 -- $PEERS torch train small --batch 64 --reps 25
  row "gemm 1024" measured "$ours" bench gemm --size 1024 --reps 25 -- $PEERS torch gemm --size 1024 --reps 25
fi
if [ -n "${MODEL:-}" ] && [ -n "${IMAGE:-}" ]; then
  # MODEL and IMAGE: a trained model file and a photograph; process start to exit, of the tool as it is published, compiled ahead.
  dotnet publish src/Cli -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o "$out/tool" -v quiet >&2
  [ -f "$out/predict.onnx" ] || "$ours" models export --model "$MODEL" --out "$out/predict.onnx" > /dev/null
  row "predict" whole "$out/tool/ilgpuspp" predict "$IMAGE" --model "$MODEL" -- $PEERS onnx predict "$out/predict.onnx" --image "$IMAGE"
fi
