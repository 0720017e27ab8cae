namespace IlgpuSpp.KernelTool;

/// <summary>The tiled product in 32-bit floats.</summary>
internal static class ProductKernelText
{
    public static string Write()
    {
        var kernel = new KernelWriter();
        kernel.Block("""
// Written by eng/Kernels; change that program, not this file.
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

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
""");
        foreach (var (m, first, source) in ((string, string, string)[])[("A", "rowBase", "a"), ("B", "columnBase", "b")])
        {
            kernel.Block($"""

        // Which quads of {m} this thread loads, and where they go.
        int outer{m} = T{m}.AlongDepth ? thread / (TTile.Depth / 4) : 4 * (thread % (2 * TTile.Side));
        int depth{m} = T{m}.AlongDepth ? 4 * (thread % (TTile.Depth / 4)) : thread / (2 * TTile.Side);
        int nextOuter{m} = T{m}.AlongDepth ? half : 0;
        int nextDepth{m} = T{m}.AlongDepth ? 0 : TTile.Depth / 2;
        TileLine line{m}0 = {source}.Prepare({first} + outer{m}, part);
        TileLine line{m}1 = {source}.Prepare({first} + outer{m} + nextOuter{m}, part);
        int target{m}0 = depth{m} * pitch + outer{m};
        int target{m}1 = (depth{m} + nextDepth{m}) * pitch + outer{m} + nextOuter{m};
""");
        }
        kernel.Lines(0, "");
        for (int i = 0; i < 8; i++) kernel.Lines(8, $"float {string.Join(", ", Enumerable.Range(0, 8).Select(j => $"c{i}{j} = 0"))};");
        kernel.Lines(0, "");
        kernel.Lines(8, GeneratedKernels.Loads(first: true));
        Put(kernel, 8, "");
        kernel.Block("""
        Group.Barrier();

        int current = 0;
        for (int step = begin; step < end; step += TTile.Depth)
        {
            int following = step + TTile.Depth;
            if (following < end)
            {
""");
        kernel.Lines(16, GeneratedKernels.Loads(first: false));
        kernel.Block("""
            }
            int atA = (current + 4 * y) / 4, atB = (current + 4 * x) / 4;
            for (int k = 0; k < TTile.Depth; k++)
            {
                Float4 aLow = quadsA[atA], aHigh = highA[atA];
                Float4 bLow = quadsB[atB], bHigh = highB[atB];
                atA += pitch / 4;
                atB += pitch / 4;
""");
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++)
                kernel.Lines(16, $"c{i}{j} += {Element("a", i)} * {Element("b", j)};");
        kernel.Block("""
            }
            current = stage - current;
            if (following < end)
            {
""");
        Put(kernel, 16, "current + ");
        kernel.Block("""
            }
            Group.Barrier();
        }

        int row = rowBase + 4 * y, column = columnBase + 4 * x;
""");
        for (int i = 0; i < 8; i++)
        {
            string row = i < 4 ? $"row + {i}" : $"row + half + {i - 4}";
            for (int j = 0; j < 8; j += 4)
                kernel.Lines(8, $"store.Store({row}, {(j == 0 ? "column" : "column + half")}, part, split, new Float4(c{i}{j}, c{i}{j + 1}, c{i}{j + 2}, c{i}{j + 3}));");
        }
        kernel.Lines(0, "    }", "}");
        return kernel.ToString();
    }

    // The quads that were loaded go to a stage of shared memory.
    private static void Put(KernelWriter kernel, int indent, string stage)
    {
        foreach (string m in (string[])["A", "B"])
        {
            kernel.Lines(indent, $"if (T{m}.AlongDepth)", "{");
            for (int quad = 0; quad < 2; quad++)
                for (int k = 0; k < 4; k++)
                    kernel.Lines(indent + 4, $"tile{m}[{stage}target{m}{quad}{(k == 0 ? "" : k == 1 ? " + pitch" : $" + {k} * pitch")}] = next{m}{quad}.{"XYZW"[k]};");
            kernel.Lines(indent, "}", "else", "{");
            for (int quad = 0; quad < 2; quad++)
                kernel.Lines(indent + 4, $"quads{m}[({stage}target{m}{quad}) / 4] = next{m}{quad};");
            kernel.Lines(indent, "}");
        }
    }

    private static string Element(string factor, int i) => $"{factor}{(i < 4 ? "Low" : "High")}.{"XYZW"[i % 4]}";
}
