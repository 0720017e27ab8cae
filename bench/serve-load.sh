#!/bin/sh
# A server under load beside the library's own loop: images a second, failed good requests, memory. Linux.
# Usage: bench/serve-load.sh MODEL PHOTOGRAPHS [SECONDS] [CONNECTIONS]
set -eu
cd "$(dirname "$0")/.."
model=$1 photographs=$2 seconds=${3:-60} connections=${4:-64} url=http://127.0.0.1:18081
dotnet build -c Release src/Cli >/dev/null
dotnet build -c Release bench/Serve >/dev/null
dotnet src/Cli/bin/Release/net10.0/ilgpuspp.dll serve --model "$model" --urls $url >/dev/null &
server=$!
trap 'kill $server' EXIT
until curl -fs $url/readyz >/dev/null; do kill -0 $server; sleep 0.2; done
dotnet bench/Serve/bin/Release/net10.0/IlgpuSpp.Serve.dll $url $server "$model" "$photographs" "$seconds" "$connections"
curl -s $url/metrics | grep -E 'batch_size_(sum|count)'
