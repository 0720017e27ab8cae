#!/usr/bin/env python3
"""Writes src/Engine.Ilgpu/Kernels/TensorProductKernel.Generated.cs.

The sums of a thread live in 64 registers declared in PTX text, which cannot be indexed: every use is written out.
Run from the repository root: python3 eng/generate-tensor-kernel.py
"""
PITCH = 136  # words of a line of a tile; 8 modulo 32, so that the fragments of a warp lie in 32 banks
out = []
w = out.append


def text(lines, indent):
    pad = " " * indent
    return (" +\n" + pad).join(f'"{line};{" " if k + 1 < len(lines) else ""}"' for k, line in enumerate(lines))


def emit(lines, args, indent):
    w(" " * indent + "CudaAsm.Emit(\n" + " " * (indent + 4) + text(lines, indent + 4) + (", " + args if args else "") + ");")


w("""// Written by eng/generate-tensor-kernel.py; change that file, not this one.
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The tiled matrix product on tensor cores (compute capability 8.0 and later), by inline PTX.</summary>
internal static class TensorProductKernel
{
    /// <summary>Products of a step.</summary>
    public const int Depth = 16;

    /// <summary>
    /// One 128×128 tile of C = A·B a group of 256 threads, 64×32 sums a warp. The sources are those of
    /// <see cref="ProductKernel"/>; factors are rounded when they go to shared memory, one word a depth (tf32) or pair of
    /// depths (bf16). Lines are stored with bits 3 and 4 of the row exchanged by the depth's block of four words, so that
    /// neither the transposing stores nor the fragment loads meet in a bank; the fragment loads know that at compile time.
    /// Grid: row tiles, column tiles, parts times splits.
    /// </summary>
    public static void Multiply<TPrecision, TA, TB, TStore>(TA a, TB b, TStore store, ProductExtent extent)
        where TPrecision : struct, ITensorPrecision
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        int thread = Group.IdxX;
        // Shifts and masks: the compiler takes a signed remainder for a division, and computes it again at every step.
        int lane = thread & 31;
        int t = lane & 3, g = lane >> 2;
        int warpRow = (thread >> 7) * 64, warpColumn = (thread >> 5 & 3) * 32;""")
decl = [".shared .align 16 .b32 tp_tile[8704]", ".reg .b32 tp_base, tp_at, tp_to", ".reg .b32 tp_w<4>, tp_a<16>, tp_b<8>",
        ".reg .f32 tp_c<64>, tp_x<4>, tp_r<4>", ".reg .pred tp_odd", "mov.u32 tp_base, tp_tile", "setp.ne.u32 tp_odd, %0, 0"]
decl += [f"mov.f32 tp_c{i}, 0f00000000" for i in range(64)]
emit(decl, "lane & 1", 8)
w(f"""
        int rowBase = Grid.IdxX * 128, columnBase = Grid.IdxY * 128;
        int part = Grid.IdxZ / extent.Splits, split = Grid.IdxZ % extent.Splits;
        int begin = split * extent.SplitDepth;
        int end = begin + extent.SplitDepth;
        a = a.OfPart(part);
        b = b.OfPart(part);
        int depth = b.DepthOf(a.DepthOf(extent.Depth));
        if (end > depth) end = depth;
        // Words of one factor's tile; a stage is both factors'.
        int words = (TPrecision.Pairs ? Depth / 2 : Depth) * {PITCH};""")
for m, base, src in (("A", "rowBase", "a"), ("B", "columnBase", "b")):
    w(f"""
        // Which quads of {m} this thread loads. Pairs of depths are packed by one thread.
        int outer{m} = T{m}.AlongDepth ? thread >> 2 : 4 * lane;
        int depth{m} = T{m}.AlongDepth ? 4 * t : TPrecision.Pairs ? thread >> 5 << 1 : thread >> 5;
        int nextOuter{m} = T{m}.AlongDepth ? 64 : 0;
        int nextDepth{m} = T{m}.AlongDepth ? 0 : TPrecision.Pairs ? 1 : 8;
        TileLine line{m}0 = {src}.Prepare({base} + outer{m}, part);
        TileLine line{m}1 = {src}.Prepare({base} + outer{m} + nextOuter{m}, part);
        int target{m}0 = {'0' if m == 'A' else 'words'} + Place<TPrecision>(outer{m}, depth{m});
        int target{m}1 = {'0' if m == 'A' else 'words'} + Place<TPrecision>(outer{m} + nextOuter{m}, depth{m} + nextDepth{m});""")


def round_tf32():
    """Half of the last bit that the tensor cores read, which cut the rest off: rounded to nearest in two instructions where cvt.rna takes four."""
    for k in range(4):
        yield f"and.b32 tp_w{k}, %{k + 1}, 0xff800000"
        yield f"mov.b32 tp_r{k}, tp_w{k}"
        yield f"fma.rn.f32 tp_r{k}, tp_r{k}, 0f3a000000, %{k + 1}"


def load(start):
    for m, s in (("A", "a"), ("B", "b")):
        if start:
            yield f"TileDepth at{m}0 = {'TB.FollowsA ? atA0 : ' if m == 'B' else ''}{s}.Start(begin + depth{m}), at{m}1 = T{m}.AlongDepth ? at{m}0 : {s}.Start(begin + depth{m} + nextDepth{m});"
        else:
            yield f"at{m}0 = {'TB.FollowsA ? atA0 : ' if m == 'B' else ''}{s}.Next(at{m}0);"
            yield f"at{m}1 = T{m}.AlongDepth ? at{m}0 : {s}.Next(at{m}1);"
    for m, s in (("A", "a"), ("B", "b")):
        for q in (0, 1):
            yield f"{'Float4 ' if start else ''}next{m}{q} = {s}.Load(line{m}{q}, at{m}{q}, end);"


def put(ind, stage):
    for m in "AB":
        w(f"{ind}if (T{m}.AlongDepth)")
        w(f"{ind}{{")
        for q in (0, 1):
            w(f"{ind}    StoreDepths<TPrecision>(4 * ({stage}target{m}{q}), next{m}{q});")
        w(f"{ind}}}")
        w(f"{ind}else if (TPrecision.Pairs)")
        w(f"{ind}{{")
        w(f"{ind}    StorePairs(4 * ({stage}target{m}0), next{m}0, next{m}1);")
        w(f"{ind}}}")
        w(f"{ind}else")
        w(f"{ind}{{")
        for q in (0, 1):
            w(f"{ind}    StoreOuters(4 * ({stage}target{m}{q}), next{m}{q});")
        w(f"{ind}}}")


w("")
for l in load(True):
    w("        " + l)
put("        ", "")
w(f"""        Group.Barrier();

        int current = 0;
        int fragmentA = 4 * (t * {PITCH} + warpRow + g), fragmentB = 4 * (words + t * {PITCH} + warpColumn + g);
        for (int step = begin; step < end; step += Depth)
        {{
            int following = step + Depth;
            if (following < end)
            {{""")
for l in load(False):
    w("                " + l)
w("            }")


def fragments(s):
    lines = ["add.u32 tp_at, tp_base, %0", "add.u32 tp_to, tp_base, %1"]
    for i in range(4):
        for r in range(4):
            h, half = r & 1, r >> 1
            block = 2 * s + half
            off = 4 * ((8 * s + 4 * half) * PITCH + 8 * ((2 * i + h) ^ block))
            lines.append(f"ld.shared.b32 tp_a{4 * i + r}, [tp_at+{off}]")
    for j in range(4):
        for half in (0, 1):
            block = 2 * s + half
            off = 4 * ((8 * s + 4 * half) * PITCH + 8 * (j ^ block))
            lines.append(f"ld.shared.b32 tp_b{2 * j + half}, [tp_to+{off}]")
    return lines


def mma(op):
    for i in range(4):
        for j in range(4):
            c = ", ".join(f"tp_c{16 * i + 4 * j + k}" for k in range(4))
            a = ", ".join(f"tp_a{4 * i + k}" for k in range(4))
            yield f"mma.sync.aligned.{op} {{{c}}}, {{{a}}}, {{tp_b{2 * j}, tp_b{2 * j + 1}}}, {{{c}}}"


w("            if (TPrecision.Pairs)")
w("            {")
emit(fragments(0) + list(mma("m16n8k16.row.col.f32.bf16.bf16.f32")), "fragmentA + 4 * current, fragmentB + 4 * current", 16)
w("            }")
w("            else")
w("            {")
for s in (0, 1):
    emit(fragments(s) + list(mma("m16n8k8.row.col.f32.tf32.tf32.f32")), "fragmentA + 4 * current, fragmentB + 4 * current", 16)
w("            }")
w("""            current = 2 * words - current;
            if (following < end)
            {""")
put("                ", "current + ")
w("""            }
            Group.Barrier();
        }

        // Lanes 2n and 2n + 1 hold two columns each of rows g and g + 8; after the exchange the even one holds four columns of
        // row g, the odd one of row g + 8.
        int row = rowBase + warpRow + g + 8 * (lane & 1), column = columnBase + warpColumn + 4 * (t >> 1);
        var x = default(Output<float>);
        var y = default(Output<float>);
        var z = default(Output<float>);
        var v = default(Output<float>);""")
for i in range(4):
    for j in range(4):
        c = [f"tp_c{16 * i + 4 * j + k}" for k in range(4)]
        lines = [f"selp.f32 tp_x0, {c[0]}, {c[2]}, tp_odd", f"selp.f32 tp_x1, {c[1]}, {c[3]}, tp_odd",
                 "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff", "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff",
                 f"selp.f32 %0, tp_x2, {c[0]}, tp_odd", f"selp.f32 %1, tp_x3, {c[1]}, tp_odd",
                 f"selp.f32 %2, {c[2]}, tp_x2, tp_odd", f"selp.f32 %3, {c[3]}, tp_x3, tp_odd"]
        w("        CudaAsm.EmitRef(\n            " + text(lines, 12) + ", ref x, ref y, ref z, ref v);")
        w(f"        store.Store(row + {16 * i}, column + {8 * j}, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));")
w(f"""    }}

    // The word of an element, or of the first of a run of elements.
    private static int Place<TPrecision>(int outer, int depth)
        where TPrecision : struct, ITensorPrecision
    {{
        int line = TPrecision.Pairs ? depth >> 1 : depth;
        return line * {PITCH} + (outer ^ (8 * (line >> 2 & 3)));
    }}

    private static void StoreDepths<TPrecision>(int at, Float4 quad)
        where TPrecision : struct, ITensorPrecision
    {{
        if (TPrecision.Pairs)
        {{""")
emit(["add.u32 tp_to, tp_base, %0", "cvt.rn.bf16x2.f32 tp_w0, %2, %1", "cvt.rn.bf16x2.f32 tp_w1, %4, %3",
      "st.shared.b32 [tp_to], tp_w0", f"st.shared.b32 [tp_to+{4 * PITCH}], tp_w1"], "at, quad.X, quad.Y, quad.Z, quad.W", 12)
w("        }\n        else\n        {")
emit(["add.u32 tp_to, tp_base, %0"] + list(round_tf32()) +
     [f"st.shared.f32 [tp_to{f'+{4 * PITCH * k}' if k else ''}], tp_r{k}" for k in range(4)], "at, quad.X, quad.Y, quad.Z, quad.W", 12)
w("""        }
    }

    private static void StoreOuters(int at, Float4 quad)
    {""")
emit(["add.u32 tp_to, tp_base, %0"] + list(round_tf32()) +
     ["st.shared.v4.f32 [tp_to], {tp_r0, tp_r1, tp_r2, tp_r3}"], "at, quad.X, quad.Y, quad.Z, quad.W", 8)
w("""    }

    // Two depths of four rows or columns; the earlier depth is the lower half of a word.
    private static void StorePairs(int at, Float4 first, Float4 second)
    {""")
emit(["add.u32 tp_to, tp_base, %0"] + [f"cvt.rn.bf16x2.f32 tp_w{k}, %{k + 5}, %{k + 1}" for k in range(4)] +
     ["st.shared.v4.b32 [tp_to], {tp_w0, tp_w1, tp_w2, tp_w3}"],
     "at, first.X, first.Y, first.Z, first.W, second.X, second.Y, second.Z, second.W", 8)
w("""    }
}""")
open("src/Engine.Ilgpu/Kernels/TensorProductKernel.Generated.cs", "w").write("\n".join(out) + "\n")
