#!/usr/bin/env python3
"""Writes src/Engine.Ilgpu/Kernels/ProductKernel.Generated.cs.

ILGPU does not unroll loops and puts arrays into local memory, so the 8x8 sums of a thread are written out as
64 scalars. Run from the repository root: python3 eng/generate-product-kernel.py
"""
R = range(8)
names = lambda p: ", ".join(f"{p}{i} = 0" for i in R)
out = []
w = out.append
w("""// Written by eng/generate-product-kernel.py; change that file, not this one.
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The tiled matrix product behind Gemm, the linear layer and the three convolution passes.</summary>
internal static class ProductKernel
{
    /// <summary>
    /// One tile of C = A·B a group. Both factors go through shared memory, depth-major, twice buffered; the next step's
    /// quads are loaded into registers while this step's sums are formed. Thread (x, y) holds rows 4y to 4y+3 and
    /// 4y+half to 4y+half+3 and the columns likewise, so that a warp reads shared memory without bank conflicts.
    /// Grid: row tiles, column tiles, parts times splits.
    /// </summary>
    public static void Multiply<TTile, TA, TB, TStore>(TA a, TB b, TStore store, ProductExtent extent)
        where TTile : struct, IProductTile
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        // A line of a tile is padded by a quad: fewer bank conflicts in the transposing stores, still 16-byte aligned.
        var tileA = SharedMemory.Allocate<float>(2 * TTile.Depth * (8 * TTile.Side + 4));
        var tileB = SharedMemory.Allocate<float>(2 * TTile.Depth * (8 * TTile.Side + 4));
        var quadsA = tileA.Cast<Float4>();
        var quadsB = tileB.Cast<Float4>();
        int pitch = 8 * TTile.Side + 4;
        int stage = TTile.Depth * pitch;
        int half = 4 * TTile.Side;
        // Views of their own, so that the distance is part of the address and not computed at every load.
        var highA = tileA.SubView(4 * TTile.Side, 2 * TTile.Depth * (8 * TTile.Side + 4) - 4 * TTile.Side).Cast<Float4>();
        var highB = tileB.SubView(4 * TTile.Side, 2 * TTile.Depth * (8 * TTile.Side + 4) - 4 * TTile.Side).Cast<Float4>();

        int thread = Group.IdxX;
        int y = thread / TTile.Side, x = thread % TTile.Side;
        int rowBase = Grid.IdxX * 8 * TTile.Side, columnBase = Grid.IdxY * 8 * TTile.Side;
        int part = Grid.IdxZ / extent.Splits, split = Grid.IdxZ % extent.Splits;
        int begin = split * extent.SplitDepth;
        int end = begin + extent.SplitDepth;
        a = a.OfPart(part);
        b = b.OfPart(part);
        int depth = b.DepthOf(a.DepthOf(extent.Depth));
        if (end > depth) end = depth;
""")
for m, base, src in (("A", "rowBase", "a"), ("B", "columnBase", "b")):
    w(f"""
        // Which quads of {m} this thread loads, and where they go.
        int outer{m} = T{m}.AlongDepth ? thread / (TTile.Depth / 4) : 4 * (thread % (2 * TTile.Side));
        int depth{m} = T{m}.AlongDepth ? 4 * (thread % (TTile.Depth / 4)) : thread / (2 * TTile.Side);
        int nextOuter{m} = T{m}.AlongDepth ? half : 0;
        int nextDepth{m} = T{m}.AlongDepth ? 0 : TTile.Depth / 2;
        TileLine line{m}0 = {src}.Prepare({base} + outer{m}, part);
        TileLine line{m}1 = {src}.Prepare({base} + outer{m} + nextOuter{m}, part);
        int target{m}0 = depth{m} * pitch + outer{m};
        int target{m}1 = (depth{m} + nextDepth{m}) * pitch + outer{m} + nextOuter{m};""")
w("")
for i in R:
    w("        float " + ", ".join(f"c{i}{j} = 0" for j in R) + ";")
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
            for k, f in enumerate("XYZW"):
                w(f"{ind}    tile{m}[{stage}target{m}{q}{f' + {k} * pitch' if k > 1 else ' + pitch' if k else ''}] = next{m}{q}.{f};")
        w(f"{ind}}}")
        w(f"{ind}else")
        w(f"{ind}{{")
        for q in (0, 1):
            w(f"{ind}    quads{m}[({stage}target{m}{q}) / 4] = next{m}{q};")
        w(f"{ind}}}")
w("")
for l in load(True):
    w("        " + l)
put("        ", "")
w("        Group.Barrier();")
w("""
        int current = 0;
        for (int step = begin; step < end; step += TTile.Depth)
        {
            int following = step + TTile.Depth;
            if (following < end)
            {""")
for l in load(False):
    w("                " + l)
w("""            }
            int atA = (current + 4 * y) / 4, atB = (current + 4 * x) / 4;
            for (int k = 0; k < TTile.Depth; k++)
            {
                Float4 aLow = quadsA[atA], aHigh = highA[atA];
                Float4 bLow = quadsB[atB], bHigh = highB[atB];
                atA += pitch / 4;
                atB += pitch / 4;""")
quad = lambda p, i: f"{p}{'Low' if i < 4 else 'High'}.{'XYZW'[i % 4]}"
for i in R:
    for j in R:
        w(f"                c{i}{j} += {quad('a', i)} * {quad('b', j)};")
w("""            }
            current = stage - current;
            if (following < end)
            {""")
put("                ", "current + ")
w("""            }
            Group.Barrier();
        }

        int row = rowBase + 4 * y, column = columnBase + 4 * x;""")
for i in R:
    r = f"row + {i % 4}" if i < 4 else f"row + half + {i % 4}"
    for h in (0, 1):
        col = "column + half" if h else "column"
        vals = ", ".join(f"c{i}{4 * h + j}" for j in range(4))
        w(f"        store.Store({r}, {col}, part, split, new Float4({vals}));")
w("""    }
}""")
open("src/Engine.Ilgpu/Kernels/ProductKernel.Generated.cs", "w").write("\n".join(out) + "\n")
