#!/usr/bin/env bash
# Everything there is to do with a CUDA card, in one call: the operation cases on the card in every precision, the speed of
# ZF-5's products, a training step of ZF-5 at batch 128, and the same step in PyTorch where python3 has it.
#   bench/gpu.sh              publish and run here
#   bench/gpu.sh publish DIR  publish self-contained into DIR (linux-x64: the card's machine needs no .NET)
#   bench/gpu.sh run DIR      run what was published
# DEVICE names another card (cuda:1).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
device=${DEVICE:-cuda}

publish() {
    for project in bench/Gpu/Gpu.csproj src/Cli/Cli.csproj; do
        dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained -o "$1/$(basename "${project%.csproj}")"
    done
    cp "$root/bench/torch_zf5.py" "$0" "$1/"
}

run() {
    local failed=0 cli
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv || { echo "No NVIDIA driver here." >&2; exit 1; }
    cli=$(find "$1/Cli" -maxdepth 1 -type f -name '*.runtimeconfig.json' | head -1)
    cli=${cli%.runtimeconfig.json}
    for precision in fp32 tf32 bf16; do
        echo "== operations, $precision"
        "$1/Gpu/IlgpuSpp.Gpu" "$device" "$precision" || failed=1
        echo "== ZF-5 training step, batch 128, $precision"
        "$cli" bench train --batch 128 --reps 15 --device "$device" --precision "$precision" || failed=1
        if python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2> /dev/null; then
            python3 "$1/torch_zf5.py" "$precision" --batch 128 || failed=1
        else
            echo "PyTorch with CUDA is not here: nothing to compare with."
        fi
    done
    return $failed
}

case "${1:-}" in
    publish) mkdir -p "$2"; publish "$(cd "$2" && pwd)" ;;
    run) run "$(cd "$2" && pwd)" ;;
    "") folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; publish "$folder"; run "$folder" ;;
    *) sed -n '2,7p' "$0" >&2; exit 2 ;;
esac
