using System.Globalization;

namespace IlgpuSpp.KernelTool;

/// <summary>
/// The tiled product on tensor cores. The sums of a thread live in 64 registers declared in PTX text, which cannot be
/// indexed: every use is written out.
/// </summary>
internal static class TensorKernelText
{
    // Words of a line of a tile; 8 modulo 32, so that the fragments of a warp lie in 32 banks.
    private const int Pitch = 136;

    private const string Bf16 = "m16n8k16.row.col.f32.bf16.bf16.f32", Tf32 = "m16n8k8.row.col.f32.tf32.tf32.f32";

    public static string Write()
    {
        var kernel = new KernelWriter();
        kernel.Block("""
// Written by eng/Kernels; change that program, not this file.
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace IlgpuSpp.Engine.Ilgpu;

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
        int warpRow = (thread >> 7) * 64, warpColumn = (thread >> 5 & 3) * 32;
""");
        kernel.Ptx(8, "Emit",
        [
            ".shared .align 16 .b32 tp_tile[8704]", ".reg .b32 tp_base, tp_at, tp_to", ".reg .b32 tp_w<4>, tp_a<16>, tp_b<8>",
            ".reg .f32 tp_c<64>, tp_x<4>, tp_r<4>", ".reg .pred tp_odd", "mov.u32 tp_base, tp_tile", "setp.ne.u32 tp_odd, %0, 0",
            .. Enumerable.Range(0, 64).Select(i => $"mov.f32 tp_c{i}, 0f00000000"),
        ], "lane & 1");
        kernel.Block($"""

        int rowBase = Grid.IdxX * 128, columnBase = Grid.IdxY * 128;
        int part = Grid.IdxZ / extent.Splits, split = Grid.IdxZ % extent.Splits;
        int begin = split * extent.SplitDepth;
        int end = begin + extent.SplitDepth;
        a = a.OfPart(part);
        b = b.OfPart(part);
        int depth = b.DepthOf(a.DepthOf(extent.Depth));
        if (end > depth) end = depth;
        // Words of one factor's tile; a stage is both factors'.
        int words = (TPrecision.Pairs ? Depth / 2 : Depth) * {Pitch};
""");
        foreach (var (m, first, source, before) in ((string, string, string, string)[])[("A", "rowBase", "a", "0"), ("B", "columnBase", "b", "words")])
        {
            kernel.Block($"""

        // Which quads of {m} this thread loads. Pairs of depths are packed by one thread.
        int outer{m} = T{m}.AlongDepth ? thread >> 2 : 4 * lane;
        int depth{m} = T{m}.AlongDepth ? 4 * t : TPrecision.Pairs ? thread >> 5 << 1 : thread >> 5;
        int nextOuter{m} = T{m}.AlongDepth ? 64 : 0;
        int nextDepth{m} = T{m}.AlongDepth ? 0 : TPrecision.Pairs ? 1 : 8;
        TileLine line{m}0 = {source}.Prepare({first} + outer{m}, part);
        TileLine line{m}1 = {source}.Prepare({first} + outer{m} + nextOuter{m}, part);
        int target{m}0 = {before} + Place<TPrecision>(outer{m}, depth{m});
        int target{m}1 = {before} + Place<TPrecision>(outer{m} + nextOuter{m}, depth{m} + nextDepth{m});
""");
        }
        kernel.Lines(0, "");
        kernel.Lines(8, GeneratedKernels.Loads(first: true));
        Put(kernel, 8, "");
        kernel.Block($$"""
        Group.Barrier();

        int current = 0;
        int fragmentA = 4 * (t * {{Pitch}} + warpRow + g), fragmentB = 4 * (words + t * {{Pitch}} + warpColumn + g);
        for (int step = begin; step < end; step += Depth)
        {
            int following = step + Depth;
            if (following < end)
            {
""");
        kernel.Lines(16, GeneratedKernels.Loads(first: false));
        kernel.Block("""
            }
            if (TPrecision.Pairs)
            {
""");
        kernel.Ptx(16, "Emit", [.. Fragments(0), .. Multiply(Bf16)], "fragmentA + 4 * current, fragmentB + 4 * current");
        kernel.Block("""
            }
            else
            {
""");
        for (int half = 0; half < 2; half++)
            kernel.Ptx(16, "Emit", [.. Fragments(half), .. Multiply(Tf32)], "fragmentA + 4 * current, fragmentB + 4 * current");
        kernel.Block("""
            }
            current = 2 * words - current;
            if (following < end)
            {
""");
        Put(kernel, 16, "current + ");
        kernel.Block("""
            }
            Group.Barrier();
        }

        // Lanes 2n and 2n + 1 hold two columns each of rows g and g + 8; after the exchange the even one holds four columns of
        // row g, the odd one of row g + 8.
        int row = rowBase + warpRow + g + 8 * (lane & 1), column = columnBase + warpColumn + 4 * (t >> 1);
        var x = default(Output<float>);
        var y = default(Output<float>);
        var z = default(Output<float>);
        var v = default(Output<float>);
""");
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                string[] c = [.. Enumerable.Range(16 * i + 4 * j, 4).Select(k => $"tp_c{k}")];
                kernel.Ptx(8, "EmitRef",
                [
                    $"selp.f32 tp_x0, {c[0]}, {c[2]}, tp_odd", $"selp.f32 tp_x1, {c[1]}, {c[3]}, tp_odd",
                    "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff", "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff",
                    $"selp.f32 %0, tp_x2, {c[0]}, tp_odd", $"selp.f32 %1, tp_x3, {c[1]}, tp_odd",
                    $"selp.f32 %2, {c[2]}, tp_x2, tp_odd", $"selp.f32 %3, {c[3]}, tp_x3, tp_odd",
                ], "ref x, ref y, ref z, ref v");
                kernel.Lines(8, $"store.Store(row + {16 * i}, column + {8 * j}, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));");
            }
        }
        kernel.Block($$"""
    }

    // The word of an element, or of the first of a run of elements.
    private static int Place<TPrecision>(int outer, int depth)
        where TPrecision : struct, ITensorPrecision
    {
        int line = TPrecision.Pairs ? depth >> 1 : depth;
        return line * {{Pitch}} + (outer ^ (8 * (line >> 2 & 3)));
    }

    private static void StoreDepths<TPrecision>(int at, Float4 quad)
        where TPrecision : struct, ITensorPrecision
    {
        if (TPrecision.Pairs)
        {
""");
        kernel.Ptx(12, "Emit",
        [
            "add.u32 tp_to, tp_base, %0", "cvt.rn.bf16x2.f32 tp_w0, %2, %1", "cvt.rn.bf16x2.f32 tp_w1, %4, %3",
            "st.shared.b32 [tp_to], tp_w0", $"st.shared.b32 [tp_to+{4 * Pitch}], tp_w1",
        ], "at, quad.X, quad.Y, quad.Z, quad.W");
        kernel.Lines(8, "}", "else", "{");
        kernel.Ptx(12, "Emit",
        [
            "add.u32 tp_to, tp_base, %0", .. RoundToTf32(),
            .. Enumerable.Range(0, 4).Select(k => $"st.shared.f32 [tp_to{(k == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"+{4 * Pitch * k}"))}], tp_r{k}"),
        ], "at, quad.X, quad.Y, quad.Z, quad.W");
        kernel.Block("""
        }
    }

    private static void StoreOuters(int at, Float4 quad)
    {
""");
        kernel.Ptx(8, "Emit", ["add.u32 tp_to, tp_base, %0", .. RoundToTf32(), "st.shared.v4.f32 [tp_to], {tp_r0, tp_r1, tp_r2, tp_r3}"], "at, quad.X, quad.Y, quad.Z, quad.W");
        kernel.Block("""
    }

    // Two depths of four rows or columns; the earlier depth is the lower half of a word.
    private static void StorePairs(int at, Float4 first, Float4 second)
    {
""");
        kernel.Ptx(8, "Emit",
            ["add.u32 tp_to, tp_base, %0", .. Enumerable.Range(0, 4).Select(k => $"cvt.rn.bf16x2.f32 tp_w{k}, %{k + 5}, %{k + 1}"), "st.shared.v4.b32 [tp_to], {tp_w0, tp_w1, tp_w2, tp_w3}"],
            "at, first.X, first.Y, first.Z, first.W, second.X, second.Y, second.Z, second.W");
        kernel.Lines(0, "    }", "}");
        return kernel.ToString();
    }

    private static void Put(KernelWriter kernel, int indent, string stage)
    {
        foreach (string m in (string[])["A", "B"])
        {
            kernel.Lines(indent, $"if (T{m}.AlongDepth)", "{");
            for (int quad = 0; quad < 2; quad++) kernel.Lines(indent + 4, $"StoreDepths<TPrecision>(4 * ({stage}target{m}{quad}), next{m}{quad});");
            kernel.Lines(indent, "}", "else if (TPrecision.Pairs)", "{");
            kernel.Lines(indent + 4, $"StorePairs(4 * ({stage}target{m}0), next{m}0, next{m}1);");
            kernel.Lines(indent, "}", "else", "{");
            for (int quad = 0; quad < 2; quad++) kernel.Lines(indent + 4, $"StoreOuters(4 * ({stage}target{m}{quad}), next{m}{quad});");
            kernel.Lines(indent, "}");
        }
    }

    // Half of the last bit that the tensor cores read, which cut the rest off: rounded to nearest in two instructions where
    // cvt.rna takes four.
    private static IEnumerable<string> RoundToTf32()
    {
        for (int k = 0; k < 4; k++)
        {
            yield return $"and.b32 tp_w{k}, %{k + 1}, 0xff800000";
            yield return $"mov.b32 tp_r{k}, tp_w{k}";
            yield return $"fma.rn.f32 tp_r{k}, tp_r{k}, 0f3a000000, %{k + 1}";
        }
    }

    // The loads of a warp's 64 rows and 32 columns for one product of the tensor cores.
    private static IEnumerable<string> Fragments(int step)
    {
        yield return "add.u32 tp_at, tp_base, %0";
        yield return "add.u32 tp_to, tp_base, %1";
        for (int i = 0; i < 16; i++)
        {
            int quad = i / 4, high = i & 1, half = i >> 1 & 1;
            yield return $"ld.shared.b32 tp_a{i}, [tp_at+{4 * (Line(step, half) + 8 * (2 * quad + high ^ 2 * step + half))}]";
        }
        for (int i = 0; i < 8; i++)
            yield return $"ld.shared.b32 tp_b{i}, [tp_to+{4 * (Line(step, i & 1) + 8 * (i / 2 ^ 2 * step + (i & 1)))}]";
    }

    private static int Line(int step, int half) => (8 * step + 4 * half) * Pitch;

    private static IEnumerable<string> Multiply(string shape)
    {
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                string c = Registers("c", 16 * i + 4 * j, 4);
                yield return $"mma.sync.aligned.{shape} {c}, {Registers("a", 4 * i, 4)}, {Registers("b", 2 * j, 2)}, {c}";
            }
        }
    }

    private static string Registers(string name, int first, int count) =>
        $"{{{string.Join(", ", Enumerable.Range(first, count).Select(k => $"tp_{name}{k}"))}}}";
}
