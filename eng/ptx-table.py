#!/usr/bin/env python3
"""Assembles the PTX texts of a folder and prints two tables in Markdown: resources, and the products' inner loops.

The second table bounds what a loop can reach of a multiprocessor's arithmetic peak, from its instructions alone:
each partition issues one instruction a cycle; shared memory moves 128 bytes a cycle for four partitions. The count holds
both paths of every load, the quad and the four single elements, of which a launch runs one: the bound is on the low side
where loads are inside the loop (tensor cores).
"""
import collections
import pathlib
import re
import subprocess
import sys

TARGETS = ("sm_80", "sm_90")
# Cycles of a partition for one warp's instruction at the peak rate (NVIDIA, CUDA C++ programming guide, arithmetic
# throughput; A100 and H100 white papers for the tensor cores).
CYCLES = {("sm_80", "FFMA"): 2, ("sm_90", "FFMA"): 1, ("sm_80", "HMMA"): 8, ("sm_90", "HMMA"): 4}


def assemble(ptx, target):
    cubin = ptx.with_suffix(f".{target}.cubin")
    run = subprocess.run(["ptxas", "-v", f"-arch={target}", str(ptx), "-o", str(cubin)], capture_output=True, text=True)
    if run.returncode:
        return None, run.stderr.strip().splitlines()[0]
    text = run.stdout + run.stderr
    number = lambda pattern: int((re.search(pattern, text) or [0, 0])[1])
    return cubin, (number(r"Used (\d+) registers"), number(r"(\d+) bytes smem"), number(r"(\d+) bytes spill stores") + number(r"(\d+) bytes spill loads"))


def loop(cubin):
    """The instructions of the loop that holds the sums: the smallest with most of the FFMA or HMMA."""
    lines = subprocess.run(["nvdisasm", "-c", str(cubin)], capture_output=True, text=True, check=True).stdout.splitlines()
    labels, code = {}, []
    for line in lines:
        if m := re.match(r"(\.L_x_\d+):", line):
            labels[m[1]] = len(code)
        elif m := re.match(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+ )?\s*([A-Z0-9_.]+)(.*);", line):
            code.append((m[1], m[2]))
    sums = lambda part: sum(op.split(".")[0] in ("FFMA", "HMMA") for op, _ in part)
    best = None
    for end, (op, rest) in enumerate(code):
        target = re.search(r"\.L_x_\d+", rest)
        if not op.startswith("BRA") or not target or labels.get(target[0], end + 1) > end:
            continue
        part = code[labels[target[0]]:end + 1]
        if sums(part) >= 16 and (best is None or len(part) < len(best)):
            best = part
    return best


def shared_cycles(op):
    """Cycles in which an access keeps the shared memory's port from a partition's share of it."""
    return 4 * (4 if ".128" in op else 2 if ".64" in op else 1)


def main(folder):
    rows, loops, refused = [], [], []
    for ptx in sorted(pathlib.Path(folder).glob("*.ptx")):
        name, cells = ptx.stem, []
        for target in TARGETS:
            cubin, result = assemble(ptx, target)
            if cubin is None:
                refused.append((name, target, result))
                continue
            cells.append(result)
            if re.search(r"\.(Tile128|Tile64|Tf32|Bf16)$", name):
                part = loop(cubin)
                if part is None:
                    continue
                kinds = collections.Counter(op.split(".")[0] for op, _ in part)
                unit = "HMMA" if kinds["HMMA"] else "FFMA"
                math = kinds[unit] * CYCLES[target, unit]
                # A warp's reads of the first factor are broadcasts: quads of 2 of its 16 rows, one pass each.
                moved = sum(shared_cycles(op) for op, _ in part if op.startswith(("LDS", "STS")))
                if unit == "FFMA":
                    moved = 4 * (kinds["LDS"] // 2) * 3
                bound = math / max(math, len(part), moved)
                others = len(part) - kinds[unit] - kinds["LDS"] - kinds["STS"] - kinds["LDG"]
                loops.append((name, target, len(part), f"{kinds[unit]} {unit}", kinds["LDS"], kinds["STS"], kinds["LDG"], others, f"{bound:.0%}"))
        if len(cells) == len(TARGETS):
            rows.append((name, *cells))
    print(f"{len(rows)} kernels assembled for {' and '.join(TARGETS)}, {len(refused)} refused.\n")
    for name, target, reason in refused:
        print(f"- {name} for {target}: {reason}")
    print("| kernel | registers (sm_80 / sm_90) | shared bytes | spilled bytes (sm_80 / sm_90) |\n|---|---|---|---|")
    for name, a, b in rows:
        print(f"| {name} | {a[0]} / {b[0]} | {a[1]} | {a[2]} / {b[2]} |")
    print("\n| product | target | instructions of the loop | sums | shared loads | shared stores | global loads | others | bound, of peak |\n|---|---|---|---|---|---|---|---|---|")
    for row in loops:
        print("| " + " | ".join(map(str, row)) + " |")
    spilled = [name for name, a, b in rows if (a[2] or b[2]) and re.search(r"^(Gemm|Conv)", name)]
    if refused or spilled:
        sys.exit(f"refused: {refused}; products that spill: {spilled}")


main(sys.argv[1])
