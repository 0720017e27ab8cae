#!/usr/bin/env bash
# Compiles every kernel to PTX, assembles it for sm_80 and sm_90 and prints what the assembler says. No card is needed.
# ptxas and nvdisasm are taken from $CUDA_BIN or the path. Debian has them in the package nvidia-cuda-toolkit of the
# component non-free; `dpkg -x` unpacks it anywhere, nothing has to be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="${CUDA_BIN:-/usr/local/cuda/bin}:$PATH"
command -v ptxas nvdisasm > /dev/null || { echo "ptxas and nvdisasm were not found; set CUDA_BIN to their folder." >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ILGPUSPP_PTX_FOLDER="$folder" dotnet test tests/Engine.Ilgpu.Tests -c Release --filter FullyQualifiedName~KernelPtxTests > "$folder/log" || { cat "$folder/log" >&2; exit 1; }
dotnet run --project eng/Kernels -c Release -- "$folder"
