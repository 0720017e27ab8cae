#!/usr/bin/env bash
# Everything there is to do with a CUDA card, most valuable first, in a given number of seconds: the operation cases in
# every precision, a training step of ZF-5 beside PyTorch's (where python3 has it), products and layers against the copy
# bandwidth measured there, inference, detection, and a whole training run.
#   bench/gpu.sh                     publish and run here
#   bench/gpu.sh publish DIR         publish self-contained into DIR and pack DIR.tar.xz: for a linux-x64 machine with
#                                    neither .NET nor network
#   bench/gpu.sh run DIR [SECONDS]   run what was published: inside SECONDS (1500), every step with a limit of its own
# Results are appended as they come to $OUT/results.jsonl (a line a step) and $OUT/results.md (with every step's output):
# a machine that is lost in the middle leaves what it had. OUT is the working folder unless set.
# DEVICE names another device (any-opencl:0 for PoCL), BATCH another batch size than 128, STEPS the steps to run, by name and
# separated by semicolons ("cases, tf32;bandwidth"): all unless set.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
device=${DEVICE:-cuda} batch=${BATCH:-128} out=${OUT:-.}

publish() {
    for project in bench/Gpu/Gpu.csproj src/Cli/Cli.csproj; do
        dotnet publish "$here/../$project" -c Release -r linux-x64 --self-contained -p:SatelliteResourceLanguages=en -p:DebugType=none -o "$1"
    done
    cp "$here/torch_zf5.py" "$0" "$1/"
    find "$1" \( -name '*.pdb' -o -name '*.xml' \) -delete
    XZ_OPT=-6T0 tar -cJf "$1.tar.xz" -C "$(dirname "$1")" "$(basename "$1")"
    ls -l "$1.tar.xz"
}

# step LIMIT NAME COMMAND...: the command's lines that are JSON go to the one file, its whole output to the other.
step() {
    local limit=$1 name=$2 start=$SECONDS left=$((budget - SECONDS)) rc=0 line
    shift 2
    [[ -z ${STEPS:-} || ";$STEPS;" == *";$name;"* ]] || return 0
    if ((left < 5)); then
        echo "== $name: no time left"
        return
    fi
    timeout -k 3 $((limit < left ? limit : left)) "$@" > "$scratch" 2>&1 < /dev/null || rc=$?
    while IFS= read -r line; do
        [[ $line == '{'*'}' ]] && printf '{"step":"%s","result":%s}\n' "$name" "$line" >> "$out/results.jsonl"
    done < "$scratch" || true
    printf '{"step":"%s","code":%d,"seconds":%d}\n' "$name" "$rc" $((SECONDS - start)) >> "$out/results.jsonl"
    printf '## %s\n\n`%s`: code %d after %d s\n\n```\n%s\n```\n\n' "$name" "$(basename "$1") ${*:2}" "$rc" $((SECONDS - start)) "$(tail -c 20000 "$scratch")" >> "$out/results.md"
    echo "== $name: code $rc after $((SECONDS - start)) s"
    tail -n 4 "$scratch" | cut -c 1-300
    sync "$out/results.jsonl" "$out/results.md"
    ((rc == 0)) || failed=1
}

run() {
    cd "$1"
    chmod +x ilgpuspp IlgpuSpp.Gpu
    budget=$2 failed=0 scratch=$(mktemp)
    export TERM=dumb
    mkdir -p "$out"
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv || echo "No NVIDIA driver here."
    step 20 info ./ilgpuspp info
    step 40 "training step, tf32" ./ilgpuspp bench train --batch "$batch" --reps 15 --device "$device" --precision tf32
    step 60 "cases, tf32" ./IlgpuSpp.Gpu cases "$device" tf32
    step 40 "products, tf32" ./IlgpuSpp.Gpu products "$device" tf32
    step 30 "training step, bf16" ./ilgpuspp bench train --batch "$batch" --reps 15 --device "$device" --precision bf16
    step 30 "training step, fp32" ./ilgpuspp bench train --batch "$batch" --reps 15 --device "$device" --precision fp32
    step 30 layers ./ilgpuspp bench layers --batch "$batch" --device "$device"
    step 30 bandwidth ./IlgpuSpp.Gpu bandwidth "$device"
    if python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2> /dev/null; then
        step 60 "training step, PyTorch" python3 torch_zf5.py tf32 bf16 fp32 --batch "$batch"
    else
        echo "PyTorch with CUDA is not here: nothing to compare with."
    fi
    step 40 "cases, bf16" ./IlgpuSpp.Gpu cases "$device" bf16
    step 40 "cases, fp32" ./IlgpuSpp.Gpu cases "$device" fp32
    step 20 "forward, batch $batch" ./ilgpuspp bench forward --batch "$batch" --device "$device"
    step 20 "forward, batch 1" ./ilgpuspp bench forward --batch 1 --device "$device"
    step 30 "detection against R-CNN" ./ilgpuspp detect bench --device "$device" --json
    step 20 "detection of an image" ./ilgpuspp bench detect --device "$device"
    step 60 "training run" ./ilgpuspp train --device "$device" --epochs 6 --out "$scratch.run"
    # Nsight's profiler, where it is there: the time of every kernel of a step.
    if command -v ncu > /dev/null; then
        step 50 "kernel times" ncu --clock-control none --launch-skip 240 --launch-count 120 --csv --log-file "$out/kernels.csv" \
            --metrics gpu__time_duration.sum,sm__throughput.avg.pct_of_peak_sustained_elapsed,dram__throughput.avg.pct_of_peak_sustained_elapsed,launch__grid_size,launch__block_size \
            ./ilgpuspp bench train --batch "$batch" --reps 2 --device "$device" --precision tf32
    fi
    step 40 "products, bf16" ./IlgpuSpp.Gpu products "$device" bf16
    step 40 "products, fp32" ./IlgpuSpp.Gpu products "$device" fp32
    rm -rf "$scratch" "$scratch.run"
    return $failed
}

case "${1:-}" in
    publish) mkdir -p "$2"; publish "$(cd "$2" && pwd)" ;;
    run) mkdir -p "$out"; out=$(cd "$out" && pwd); run "$(cd "$2" && pwd)" "${3:-1500}" ;;
    "") mkdir -p "$out"; out=$(cd "$out" && pwd); folder=$(mktemp -d); trap 'rm -rf "$folder" "$folder.tar.xz"' EXIT; publish "$folder"; run "$folder" 1500 ;;
    *) sed -n '2,14p' "$0" >&2; exit 2 ;;
esac
