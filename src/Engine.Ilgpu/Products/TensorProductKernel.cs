using ILGPU;
using ILGPU.Runtime.Cuda;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// The tiled matrix product on tensor cores (compute capability 8.0 and later), by inline PTX. The sums of a thread live in 64
/// registers declared in PTX text, which cannot be indexed: every use is written out.
/// </summary>
internal static class TensorProductKernel
{
    /// <summary>Products of a step.</summary>
    public const int Depth = 16;

    // Words of a line of a tile; 8 modulo 32, so that the fragments of a warp lie in 32 banks; 544 bytes in the texts.
    private const int Pitch = 136;

    private const string Registers =
        ".shared .align 16 .b32 tp_tile[8704]; .reg .b32 tp_base, tp_at, tp_to; .reg .b32 tp_w<4>, tp_a<16>, tp_b<8>; " +
        ".reg .f32 tp_c<64>, tp_x<4>, tp_r<4>; .reg .pred tp_odd; mov.u32 tp_base, tp_tile; setp.ne.u32 tp_odd, %0, 0; ";

    private const string Clear =
        "mov.f32 tp_c0, 0f00000000; mov.f32 tp_c1, 0f00000000; mov.f32 tp_c2, 0f00000000; mov.f32 tp_c3, 0f00000000; " +
        "mov.f32 tp_c4, 0f00000000; mov.f32 tp_c5, 0f00000000; mov.f32 tp_c6, 0f00000000; mov.f32 tp_c7, 0f00000000; " +
        "mov.f32 tp_c8, 0f00000000; mov.f32 tp_c9, 0f00000000; mov.f32 tp_c10, 0f00000000; mov.f32 tp_c11, 0f00000000; " +
        "mov.f32 tp_c12, 0f00000000; mov.f32 tp_c13, 0f00000000; mov.f32 tp_c14, 0f00000000; mov.f32 tp_c15, 0f00000000; " +
        "mov.f32 tp_c16, 0f00000000; mov.f32 tp_c17, 0f00000000; mov.f32 tp_c18, 0f00000000; mov.f32 tp_c19, 0f00000000; " +
        "mov.f32 tp_c20, 0f00000000; mov.f32 tp_c21, 0f00000000; mov.f32 tp_c22, 0f00000000; mov.f32 tp_c23, 0f00000000; " +
        "mov.f32 tp_c24, 0f00000000; mov.f32 tp_c25, 0f00000000; mov.f32 tp_c26, 0f00000000; mov.f32 tp_c27, 0f00000000; " +
        "mov.f32 tp_c28, 0f00000000; mov.f32 tp_c29, 0f00000000; mov.f32 tp_c30, 0f00000000; mov.f32 tp_c31, 0f00000000; " +
        "mov.f32 tp_c32, 0f00000000; mov.f32 tp_c33, 0f00000000; mov.f32 tp_c34, 0f00000000; mov.f32 tp_c35, 0f00000000; " +
        "mov.f32 tp_c36, 0f00000000; mov.f32 tp_c37, 0f00000000; mov.f32 tp_c38, 0f00000000; mov.f32 tp_c39, 0f00000000; " +
        "mov.f32 tp_c40, 0f00000000; mov.f32 tp_c41, 0f00000000; mov.f32 tp_c42, 0f00000000; mov.f32 tp_c43, 0f00000000; " +
        "mov.f32 tp_c44, 0f00000000; mov.f32 tp_c45, 0f00000000; mov.f32 tp_c46, 0f00000000; mov.f32 tp_c47, 0f00000000; " +
        "mov.f32 tp_c48, 0f00000000; mov.f32 tp_c49, 0f00000000; mov.f32 tp_c50, 0f00000000; mov.f32 tp_c51, 0f00000000; " +
        "mov.f32 tp_c52, 0f00000000; mov.f32 tp_c53, 0f00000000; mov.f32 tp_c54, 0f00000000; mov.f32 tp_c55, 0f00000000; " +
        "mov.f32 tp_c56, 0f00000000; mov.f32 tp_c57, 0f00000000; mov.f32 tp_c58, 0f00000000; mov.f32 tp_c59, 0f00000000; " +
        "mov.f32 tp_c60, 0f00000000; mov.f32 tp_c61, 0f00000000; mov.f32 tp_c62, 0f00000000; mov.f32 tp_c63, 0f00000000;";

    // The loads of a warp's 64 rows and 32 columns for the first and for the second eight words of depth.
    private const string Fragments0 =
        "add.u32 tp_at, tp_base, %0; add.u32 tp_to, tp_base, %1; " +
        "ld.shared.b32 tp_a0, [tp_at+0]; ld.shared.b32 tp_a1, [tp_at+32]; ld.shared.b32 tp_a2, [tp_at+2208]; ld.shared.b32 tp_a3, [tp_at+2176]; " +
        "ld.shared.b32 tp_a4, [tp_at+64]; ld.shared.b32 tp_a5, [tp_at+96]; ld.shared.b32 tp_a6, [tp_at+2272]; ld.shared.b32 tp_a7, [tp_at+2240]; " +
        "ld.shared.b32 tp_a8, [tp_at+128]; ld.shared.b32 tp_a9, [tp_at+160]; ld.shared.b32 tp_a10, [tp_at+2336]; ld.shared.b32 tp_a11, [tp_at+2304]; " +
        "ld.shared.b32 tp_a12, [tp_at+192]; ld.shared.b32 tp_a13, [tp_at+224]; ld.shared.b32 tp_a14, [tp_at+2400]; ld.shared.b32 tp_a15, [tp_at+2368]; " +
        "ld.shared.b32 tp_b0, [tp_to+0]; ld.shared.b32 tp_b1, [tp_to+2208]; ld.shared.b32 tp_b2, [tp_to+32]; ld.shared.b32 tp_b3, [tp_to+2176]; " +
        "ld.shared.b32 tp_b4, [tp_to+64]; ld.shared.b32 tp_b5, [tp_to+2272]; ld.shared.b32 tp_b6, [tp_to+96]; ld.shared.b32 tp_b7, [tp_to+2240]; ";

    private const string Fragments1 =
        "add.u32 tp_at, tp_base, %0; add.u32 tp_to, tp_base, %1; " +
        "ld.shared.b32 tp_a0, [tp_at+4416]; ld.shared.b32 tp_a1, [tp_at+4448]; ld.shared.b32 tp_a2, [tp_at+6624]; ld.shared.b32 tp_a3, [tp_at+6592]; " +
        "ld.shared.b32 tp_a4, [tp_at+4352]; ld.shared.b32 tp_a5, [tp_at+4384]; ld.shared.b32 tp_a6, [tp_at+6560]; ld.shared.b32 tp_a7, [tp_at+6528]; " +
        "ld.shared.b32 tp_a8, [tp_at+4544]; ld.shared.b32 tp_a9, [tp_at+4576]; ld.shared.b32 tp_a10, [tp_at+6752]; ld.shared.b32 tp_a11, [tp_at+6720]; " +
        "ld.shared.b32 tp_a12, [tp_at+4480]; ld.shared.b32 tp_a13, [tp_at+4512]; ld.shared.b32 tp_a14, [tp_at+6688]; ld.shared.b32 tp_a15, [tp_at+6656]; " +
        "ld.shared.b32 tp_b0, [tp_to+4416]; ld.shared.b32 tp_b1, [tp_to+6624]; ld.shared.b32 tp_b2, [tp_to+4448]; ld.shared.b32 tp_b3, [tp_to+6592]; " +
        "ld.shared.b32 tp_b4, [tp_to+4352]; ld.shared.b32 tp_b5, [tp_to+6560]; ld.shared.b32 tp_b6, [tp_to+4384]; ld.shared.b32 tp_b7, [tp_to+6528]; ";

    // The operands of the 16 products of a warp: 4 blocks of rows times 4 of columns.
    private const string P00 = "{tp_c0, tp_c1, tp_c2, tp_c3}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b0, tp_b1}, {tp_c0, tp_c1, tp_c2, tp_c3}; ";
    private const string P01 = "{tp_c4, tp_c5, tp_c6, tp_c7}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b2, tp_b3}, {tp_c4, tp_c5, tp_c6, tp_c7}; ";
    private const string P02 = "{tp_c8, tp_c9, tp_c10, tp_c11}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b4, tp_b5}, {tp_c8, tp_c9, tp_c10, tp_c11}; ";
    private const string P03 = "{tp_c12, tp_c13, tp_c14, tp_c15}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b6, tp_b7}, {tp_c12, tp_c13, tp_c14, tp_c15}; ";
    private const string P10 = "{tp_c16, tp_c17, tp_c18, tp_c19}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b0, tp_b1}, {tp_c16, tp_c17, tp_c18, tp_c19}; ";
    private const string P11 = "{tp_c20, tp_c21, tp_c22, tp_c23}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b2, tp_b3}, {tp_c20, tp_c21, tp_c22, tp_c23}; ";
    private const string P12 = "{tp_c24, tp_c25, tp_c26, tp_c27}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b4, tp_b5}, {tp_c24, tp_c25, tp_c26, tp_c27}; ";
    private const string P13 = "{tp_c28, tp_c29, tp_c30, tp_c31}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b6, tp_b7}, {tp_c28, tp_c29, tp_c30, tp_c31}; ";
    private const string P20 = "{tp_c32, tp_c33, tp_c34, tp_c35}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b0, tp_b1}, {tp_c32, tp_c33, tp_c34, tp_c35}; ";
    private const string P21 = "{tp_c36, tp_c37, tp_c38, tp_c39}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b2, tp_b3}, {tp_c36, tp_c37, tp_c38, tp_c39}; ";
    private const string P22 = "{tp_c40, tp_c41, tp_c42, tp_c43}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b4, tp_b5}, {tp_c40, tp_c41, tp_c42, tp_c43}; ";
    private const string P23 = "{tp_c44, tp_c45, tp_c46, tp_c47}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b6, tp_b7}, {tp_c44, tp_c45, tp_c46, tp_c47}; ";
    private const string P30 = "{tp_c48, tp_c49, tp_c50, tp_c51}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b0, tp_b1}, {tp_c48, tp_c49, tp_c50, tp_c51}; ";
    private const string P31 = "{tp_c52, tp_c53, tp_c54, tp_c55}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b2, tp_b3}, {tp_c52, tp_c53, tp_c54, tp_c55}; ";
    private const string P32 = "{tp_c56, tp_c57, tp_c58, tp_c59}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b4, tp_b5}, {tp_c56, tp_c57, tp_c58, tp_c59}; ";
    private const string P33 = "{tp_c60, tp_c61, tp_c62, tp_c63}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b6, tp_b7}, {tp_c60, tp_c61, tp_c62, tp_c63}; ";

    private const string Bf16 = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 ";

    private const string Bf16Products =
        Bf16 + P00 + Bf16 + P01 + Bf16 + P02 + Bf16 + P03 +
        Bf16 + P10 + Bf16 + P11 + Bf16 + P12 + Bf16 + P13 +
        Bf16 + P20 + Bf16 + P21 + Bf16 + P22 + Bf16 + P23 +
        Bf16 + P30 + Bf16 + P31 + Bf16 + P32 + Bf16 + P33;

    private const string Tf32 = "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 ";

    private const string Tf32Products =
        Tf32 + P00 + Tf32 + P01 + Tf32 + P02 + Tf32 + P03 +
        Tf32 + P10 + Tf32 + P11 + Tf32 + P12 + Tf32 + P13 +
        Tf32 + P20 + Tf32 + P21 + Tf32 + P22 + Tf32 + P23 +
        Tf32 + P30 + Tf32 + P31 + Tf32 + P32 + Tf32 + P33;

    // Half of the last bit that the tensor cores read, which cut the rest off: rounded to nearest in two instructions where
    // cvt.rna takes four.
    private const string RoundToTf32 =
        "add.u32 tp_to, tp_base, %0; " +
        "and.b32 tp_w0, %1, 0xff800000; mov.b32 tp_r0, tp_w0; fma.rn.f32 tp_r0, tp_r0, 0f3a000000, %1; " +
        "and.b32 tp_w1, %2, 0xff800000; mov.b32 tp_r1, tp_w1; fma.rn.f32 tp_r1, tp_r1, 0f3a000000, %2; " +
        "and.b32 tp_w2, %3, 0xff800000; mov.b32 tp_r2, tp_w2; fma.rn.f32 tp_r2, tp_r2, 0f3a000000, %3; " +
        "and.b32 tp_w3, %4, 0xff800000; mov.b32 tp_r3, tp_w3; fma.rn.f32 tp_r3, tp_r3, 0f3a000000, %4; ";

    // Lanes 2n and 2n + 1 hold two columns each of rows g and g + 8; after the exchange the even one holds four columns of
    // row g, the odd one of row g + 8.
    private const string Exchange =
        "selp.f32 tp_x0, tp_r0, tp_r2, tp_odd; selp.f32 tp_x1, tp_r1, tp_r3, tp_odd; " +
        "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
        "selp.f32 %0, tp_x2, tp_r0, tp_odd; selp.f32 %1, tp_x3, tp_r1, tp_odd; " +
        "selp.f32 %2, tp_r2, tp_x2, tp_odd; selp.f32 %3, tp_r3, tp_x3, tp_odd;";

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
        CudaAsm.Emit(Registers + Clear, lane & 1);

        int rowBase = Grid.IdxX * 128, columnBase = Grid.IdxY * 128;
        int part = Grid.IdxZ / extent.Splits, split = Grid.IdxZ % extent.Splits;
        int begin = split * extent.SplitDepth;
        a = a.OfPart(part);
        b = b.OfPart(part);
        int end = extent.End(begin, b.DepthOf(a.DepthOf(extent.Depth, part), part));
        // Words of one factor's tile; a stage is both factors'.
        int words = (TPrecision.Pairs ? Depth / 2 : Depth) * Pitch;

        QuadPlaces placesA = Places<TPrecision, TA>(thread), placesB = Places<TPrecision, TB>(thread);
        var nextA = new FactorQuads<TA>(a, placesA, rowBase, part);
        var nextB = new FactorQuads<TB>(b, placesB, columnBase, part);
        int targetA0 = Place<TPrecision>(placesA.Outer0, placesA.Depth0), targetA1 = Place<TPrecision>(placesA.Outer1, placesA.Depth1);
        int targetB0 = words + Place<TPrecision>(placesB.Outer0, placesB.Depth0), targetB1 = words + Place<TPrecision>(placesB.Outer1, placesB.Depth1);

        nextA.Start(a, placesA, begin, default);
        nextB.Start(b, placesB, begin, nextA.At0);
        nextA.Load(a, end);
        nextB.Load(b, end);
        Put<TPrecision, TA>(targetA0, targetA1, nextA.Quad0, nextA.Quad1);
        Put<TPrecision, TB>(targetB0, targetB1, nextB.Quad0, nextB.Quad1);
        Group.Barrier();

        int current = 0;
        int fragmentA = 4 * (t * Pitch + warpRow + g), fragmentB = 4 * (words + t * Pitch + warpColumn + g);
        for (int step = begin; step < end; step += Depth)
        {
            int following = step + Depth;
            if (following < end)
            {
                nextA.Next(a, default);
                nextB.Next(b, nextA.At0);
                nextA.Load(a, end);
                nextB.Load(b, end);
            }
            if (TPrecision.Pairs)
            {
                CudaAsm.Emit(Fragments0 + Bf16Products, fragmentA + 4 * current, fragmentB + 4 * current);
            }
            else
            {
                CudaAsm.Emit(Fragments0 + Tf32Products, fragmentA + 4 * current, fragmentB + 4 * current);
                CudaAsm.Emit(Fragments1 + Tf32Products, fragmentA + 4 * current, fragmentB + 4 * current);
            }
            current = 2 * words - current;
            if (following < end)
            {
                Put<TPrecision, TA>(current + targetA0, current + targetA1, nextA.Quad0, nextA.Quad1);
                Put<TPrecision, TB>(current + targetB0, current + targetB1, nextB.Quad0, nextB.Quad1);
            }
            Group.Barrier();
        }

        int row = rowBase + warpRow + g + 8 * (lane & 1), column = columnBase + warpColumn + 4 * (t >> 1);
        var x = default(Output<float>);
        var y = default(Output<float>);
        var z = default(Output<float>);
        var v = default(Output<float>);
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c0; mov.f32 tp_r1, tp_c1; mov.f32 tp_r2, tp_c2; mov.f32 tp_r3, tp_c3; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row, column, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c4; mov.f32 tp_r1, tp_c5; mov.f32 tp_r2, tp_c6; mov.f32 tp_r3, tp_c7; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c8; mov.f32 tp_r1, tp_c9; mov.f32 tp_r2, tp_c10; mov.f32 tp_r3, tp_c11; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c12; mov.f32 tp_r1, tp_c13; mov.f32 tp_r2, tp_c14; mov.f32 tp_r3, tp_c15; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c16; mov.f32 tp_r1, tp_c17; mov.f32 tp_r2, tp_c18; mov.f32 tp_r3, tp_c19; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 16, column, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c20; mov.f32 tp_r1, tp_c21; mov.f32 tp_r2, tp_c22; mov.f32 tp_r3, tp_c23; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c24; mov.f32 tp_r1, tp_c25; mov.f32 tp_r2, tp_c26; mov.f32 tp_r3, tp_c27; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c28; mov.f32 tp_r1, tp_c29; mov.f32 tp_r2, tp_c30; mov.f32 tp_r3, tp_c31; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c32; mov.f32 tp_r1, tp_c33; mov.f32 tp_r2, tp_c34; mov.f32 tp_r3, tp_c35; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 32, column, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c36; mov.f32 tp_r1, tp_c37; mov.f32 tp_r2, tp_c38; mov.f32 tp_r3, tp_c39; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c40; mov.f32 tp_r1, tp_c41; mov.f32 tp_r2, tp_c42; mov.f32 tp_r3, tp_c43; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c44; mov.f32 tp_r1, tp_c45; mov.f32 tp_r2, tp_c46; mov.f32 tp_r3, tp_c47; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c48; mov.f32 tp_r1, tp_c49; mov.f32 tp_r2, tp_c50; mov.f32 tp_r3, tp_c51; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 48, column, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c52; mov.f32 tp_r1, tp_c53; mov.f32 tp_r2, tp_c54; mov.f32 tp_r3, tp_c55; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c56; mov.f32 tp_r1, tp_c57; mov.f32 tp_r2, tp_c58; mov.f32 tp_r3, tp_c59; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef("mov.f32 tp_r0, tp_c60; mov.f32 tp_r1, tp_c61; mov.f32 tp_r2, tp_c62; mov.f32 tp_r3, tp_c63; " + Exchange, ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
    }

    // Which quads of a factor's tile a thread loads. Pairs of depths are packed by one thread.
    private static QuadPlaces Places<TPrecision, T>(int thread)
        where TPrecision : struct, ITensorPrecision
        where T : struct, IProductSource<T>
    {
        int lane = thread & 31, warp = thread >> 5;
        int outer = T.AlongDepth ? thread >> 2 : 4 * lane;
        int depth = T.AlongDepth ? 4 * (lane & 3) : TPrecision.Pairs ? warp << 1 : warp;
        return new QuadPlaces { Outer0 = outer, Outer1 = outer + (T.AlongDepth ? 64 : 0), Depth0 = depth, Depth1 = depth + (T.AlongDepth ? 0 : TPrecision.Pairs ? 1 : 8) };
    }

    // The word of an element, or of the first of a run of elements.
    private static int Place<TPrecision>(int outer, int depth)
        where TPrecision : struct, ITensorPrecision
    {
        int line = TPrecision.Pairs ? depth >> 1 : depth;
        return line * Pitch + (outer ^ (8 * (line >> 2 & 3)));
    }

    private static void Put<TPrecision, T>(int at0, int at1, Float4 quad0, Float4 quad1)
        where TPrecision : struct, ITensorPrecision
        where T : struct, IProductSource<T>
    {
        if (T.AlongDepth)
        {
            PutDepths<TPrecision>(4 * at0, quad0);
            PutDepths<TPrecision>(4 * at1, quad1);
        }
        else if (TPrecision.Pairs)
        {
            // Two depths of four rows or columns; the earlier depth is the lower half of a word.
            CudaAsm.Emit(
                "add.u32 tp_to, tp_base, %0; cvt.rn.bf16x2.f32 tp_w0, %5, %1; cvt.rn.bf16x2.f32 tp_w1, %6, %2; " +
                "cvt.rn.bf16x2.f32 tp_w2, %7, %3; cvt.rn.bf16x2.f32 tp_w3, %8, %4; st.shared.v4.b32 [tp_to], {tp_w0, tp_w1, tp_w2, tp_w3};",
                4 * at0, quad0.X, quad0.Y, quad0.Z, quad0.W, quad1.X, quad1.Y, quad1.Z, quad1.W);
        }
        else
        {
            PutOuters(4 * at0, quad0);
            PutOuters(4 * at1, quad1);
        }
    }

    private static void PutDepths<TPrecision>(int at, Float4 quad)
        where TPrecision : struct, ITensorPrecision
    {
        if (TPrecision.Pairs)
        {
            CudaAsm.Emit(
                "add.u32 tp_to, tp_base, %0; cvt.rn.bf16x2.f32 tp_w0, %2, %1; cvt.rn.bf16x2.f32 tp_w1, %4, %3; " +
                "st.shared.b32 [tp_to], tp_w0; st.shared.b32 [tp_to+544], tp_w1;",
                at, quad.X, quad.Y, quad.Z, quad.W);
        }
        else
        {
            CudaAsm.Emit(
                RoundToTf32 + "st.shared.f32 [tp_to], tp_r0; st.shared.f32 [tp_to+544], tp_r1; st.shared.f32 [tp_to+1088], tp_r2; st.shared.f32 [tp_to+1632], tp_r3;",
                at, quad.X, quad.Y, quad.Z, quad.W);
        }
    }

    private static void PutOuters(int at, Float4 quad) =>
        CudaAsm.Emit(RoundToTf32 + "st.shared.v4.f32 [tp_to], {tp_r0, tp_r1, tp_r2, tp_r3};", at, quad.X, quad.Y, quad.Z, quad.W);
}
