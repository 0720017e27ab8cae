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
        CudaAsm.Emit(
            ".shared .align 16 .b32 tp_tile[8704]; " +
            ".reg .b32 tp_base, tp_at, tp_to; " +
            ".reg .b32 tp_w<4>, tp_a<16>, tp_b<8>; " +
            ".reg .f32 tp_c<64>, tp_x<4>, tp_r<4>; " +
            ".reg .pred tp_odd; " +
            "mov.u32 tp_base, tp_tile; " +
            "setp.ne.u32 tp_odd, %0, 0; " +
            "mov.f32 tp_c0, 0f00000000; " +
            "mov.f32 tp_c1, 0f00000000; " +
            "mov.f32 tp_c2, 0f00000000; " +
            "mov.f32 tp_c3, 0f00000000; " +
            "mov.f32 tp_c4, 0f00000000; " +
            "mov.f32 tp_c5, 0f00000000; " +
            "mov.f32 tp_c6, 0f00000000; " +
            "mov.f32 tp_c7, 0f00000000; " +
            "mov.f32 tp_c8, 0f00000000; " +
            "mov.f32 tp_c9, 0f00000000; " +
            "mov.f32 tp_c10, 0f00000000; " +
            "mov.f32 tp_c11, 0f00000000; " +
            "mov.f32 tp_c12, 0f00000000; " +
            "mov.f32 tp_c13, 0f00000000; " +
            "mov.f32 tp_c14, 0f00000000; " +
            "mov.f32 tp_c15, 0f00000000; " +
            "mov.f32 tp_c16, 0f00000000; " +
            "mov.f32 tp_c17, 0f00000000; " +
            "mov.f32 tp_c18, 0f00000000; " +
            "mov.f32 tp_c19, 0f00000000; " +
            "mov.f32 tp_c20, 0f00000000; " +
            "mov.f32 tp_c21, 0f00000000; " +
            "mov.f32 tp_c22, 0f00000000; " +
            "mov.f32 tp_c23, 0f00000000; " +
            "mov.f32 tp_c24, 0f00000000; " +
            "mov.f32 tp_c25, 0f00000000; " +
            "mov.f32 tp_c26, 0f00000000; " +
            "mov.f32 tp_c27, 0f00000000; " +
            "mov.f32 tp_c28, 0f00000000; " +
            "mov.f32 tp_c29, 0f00000000; " +
            "mov.f32 tp_c30, 0f00000000; " +
            "mov.f32 tp_c31, 0f00000000; " +
            "mov.f32 tp_c32, 0f00000000; " +
            "mov.f32 tp_c33, 0f00000000; " +
            "mov.f32 tp_c34, 0f00000000; " +
            "mov.f32 tp_c35, 0f00000000; " +
            "mov.f32 tp_c36, 0f00000000; " +
            "mov.f32 tp_c37, 0f00000000; " +
            "mov.f32 tp_c38, 0f00000000; " +
            "mov.f32 tp_c39, 0f00000000; " +
            "mov.f32 tp_c40, 0f00000000; " +
            "mov.f32 tp_c41, 0f00000000; " +
            "mov.f32 tp_c42, 0f00000000; " +
            "mov.f32 tp_c43, 0f00000000; " +
            "mov.f32 tp_c44, 0f00000000; " +
            "mov.f32 tp_c45, 0f00000000; " +
            "mov.f32 tp_c46, 0f00000000; " +
            "mov.f32 tp_c47, 0f00000000; " +
            "mov.f32 tp_c48, 0f00000000; " +
            "mov.f32 tp_c49, 0f00000000; " +
            "mov.f32 tp_c50, 0f00000000; " +
            "mov.f32 tp_c51, 0f00000000; " +
            "mov.f32 tp_c52, 0f00000000; " +
            "mov.f32 tp_c53, 0f00000000; " +
            "mov.f32 tp_c54, 0f00000000; " +
            "mov.f32 tp_c55, 0f00000000; " +
            "mov.f32 tp_c56, 0f00000000; " +
            "mov.f32 tp_c57, 0f00000000; " +
            "mov.f32 tp_c58, 0f00000000; " +
            "mov.f32 tp_c59, 0f00000000; " +
            "mov.f32 tp_c60, 0f00000000; " +
            "mov.f32 tp_c61, 0f00000000; " +
            "mov.f32 tp_c62, 0f00000000; " +
            "mov.f32 tp_c63, 0f00000000;", lane & 1);

        int rowBase = Grid.IdxX * 128, columnBase = Grid.IdxY * 128;
        int part = Grid.IdxZ / extent.Splits, split = Grid.IdxZ % extent.Splits;
        int begin = split * extent.SplitDepth;
        int end = begin + extent.SplitDepth;
        a = a.OfPart(part);
        b = b.OfPart(part);
        int depth = b.DepthOf(a.DepthOf(extent.Depth));
        if (end > depth) end = depth;
        // Words of one factor's tile; a stage is both factors'.
        int words = (TPrecision.Pairs ? Depth / 2 : Depth) * 136;

        // Which quads of A this thread loads. Pairs of depths are packed by one thread.
        int outerA = TA.AlongDepth ? thread >> 2 : 4 * lane;
        int depthA = TA.AlongDepth ? 4 * t : TPrecision.Pairs ? thread >> 5 << 1 : thread >> 5;
        int nextOuterA = TA.AlongDepth ? 64 : 0;
        int nextDepthA = TA.AlongDepth ? 0 : TPrecision.Pairs ? 1 : 8;
        TileLine lineA0 = a.Prepare(rowBase + outerA, part);
        TileLine lineA1 = a.Prepare(rowBase + outerA + nextOuterA, part);
        int targetA0 = 0 + Place<TPrecision>(outerA, depthA);
        int targetA1 = 0 + Place<TPrecision>(outerA + nextOuterA, depthA + nextDepthA);

        // Which quads of B this thread loads. Pairs of depths are packed by one thread.
        int outerB = TB.AlongDepth ? thread >> 2 : 4 * lane;
        int depthB = TB.AlongDepth ? 4 * t : TPrecision.Pairs ? thread >> 5 << 1 : thread >> 5;
        int nextOuterB = TB.AlongDepth ? 64 : 0;
        int nextDepthB = TB.AlongDepth ? 0 : TPrecision.Pairs ? 1 : 8;
        TileLine lineB0 = b.Prepare(columnBase + outerB, part);
        TileLine lineB1 = b.Prepare(columnBase + outerB + nextOuterB, part);
        int targetB0 = words + Place<TPrecision>(outerB, depthB);
        int targetB1 = words + Place<TPrecision>(outerB + nextOuterB, depthB + nextDepthB);

        TileDepth atA0 = a.Start(begin + depthA), atA1 = TA.AlongDepth ? atA0 : a.Start(begin + depthA + nextDepthA);
        TileDepth atB0 = TB.FollowsA ? atA0 : b.Start(begin + depthB), atB1 = TB.AlongDepth ? atB0 : b.Start(begin + depthB + nextDepthB);
        Float4 nextA0 = a.Load(lineA0, atA0, end);
        Float4 nextA1 = a.Load(lineA1, atA1, end);
        Float4 nextB0 = b.Load(lineB0, atB0, end);
        Float4 nextB1 = b.Load(lineB1, atB1, end);
        if (TA.AlongDepth)
        {
            StoreDepths<TPrecision>(4 * (targetA0), nextA0);
            StoreDepths<TPrecision>(4 * (targetA1), nextA1);
        }
        else if (TPrecision.Pairs)
        {
            StorePairs(4 * (targetA0), nextA0, nextA1);
        }
        else
        {
            StoreOuters(4 * (targetA0), nextA0);
            StoreOuters(4 * (targetA1), nextA1);
        }
        if (TB.AlongDepth)
        {
            StoreDepths<TPrecision>(4 * (targetB0), nextB0);
            StoreDepths<TPrecision>(4 * (targetB1), nextB1);
        }
        else if (TPrecision.Pairs)
        {
            StorePairs(4 * (targetB0), nextB0, nextB1);
        }
        else
        {
            StoreOuters(4 * (targetB0), nextB0);
            StoreOuters(4 * (targetB1), nextB1);
        }
        Group.Barrier();

        int current = 0;
        int fragmentA = 4 * (t * 136 + warpRow + g), fragmentB = 4 * (words + t * 136 + warpColumn + g);
        for (int step = begin; step < end; step += Depth)
        {
            int following = step + Depth;
            if (following < end)
            {
                atA0 = a.Next(atA0);
                atA1 = TA.AlongDepth ? atA0 : a.Next(atA1);
                atB0 = TB.FollowsA ? atA0 : b.Next(atB0);
                atB1 = TB.AlongDepth ? atB0 : b.Next(atB1);
                nextA0 = a.Load(lineA0, atA0, end);
                nextA1 = a.Load(lineA1, atA1, end);
                nextB0 = b.Load(lineB0, atB0, end);
                nextB1 = b.Load(lineB1, atB1, end);
            }
            if (TPrecision.Pairs)
            {
                CudaAsm.Emit(
                    "add.u32 tp_at, tp_base, %0; " +
                    "add.u32 tp_to, tp_base, %1; " +
                    "ld.shared.b32 tp_a0, [tp_at+0]; " +
                    "ld.shared.b32 tp_a1, [tp_at+32]; " +
                    "ld.shared.b32 tp_a2, [tp_at+2208]; " +
                    "ld.shared.b32 tp_a3, [tp_at+2176]; " +
                    "ld.shared.b32 tp_a4, [tp_at+64]; " +
                    "ld.shared.b32 tp_a5, [tp_at+96]; " +
                    "ld.shared.b32 tp_a6, [tp_at+2272]; " +
                    "ld.shared.b32 tp_a7, [tp_at+2240]; " +
                    "ld.shared.b32 tp_a8, [tp_at+128]; " +
                    "ld.shared.b32 tp_a9, [tp_at+160]; " +
                    "ld.shared.b32 tp_a10, [tp_at+2336]; " +
                    "ld.shared.b32 tp_a11, [tp_at+2304]; " +
                    "ld.shared.b32 tp_a12, [tp_at+192]; " +
                    "ld.shared.b32 tp_a13, [tp_at+224]; " +
                    "ld.shared.b32 tp_a14, [tp_at+2400]; " +
                    "ld.shared.b32 tp_a15, [tp_at+2368]; " +
                    "ld.shared.b32 tp_b0, [tp_to+0]; " +
                    "ld.shared.b32 tp_b1, [tp_to+2208]; " +
                    "ld.shared.b32 tp_b2, [tp_to+32]; " +
                    "ld.shared.b32 tp_b3, [tp_to+2176]; " +
                    "ld.shared.b32 tp_b4, [tp_to+64]; " +
                    "ld.shared.b32 tp_b5, [tp_to+2272]; " +
                    "ld.shared.b32 tp_b6, [tp_to+96]; " +
                    "ld.shared.b32 tp_b7, [tp_to+2240]; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c0, tp_c1, tp_c2, tp_c3}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b0, tp_b1}, {tp_c0, tp_c1, tp_c2, tp_c3}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c4, tp_c5, tp_c6, tp_c7}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b2, tp_b3}, {tp_c4, tp_c5, tp_c6, tp_c7}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c8, tp_c9, tp_c10, tp_c11}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b4, tp_b5}, {tp_c8, tp_c9, tp_c10, tp_c11}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c12, tp_c13, tp_c14, tp_c15}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b6, tp_b7}, {tp_c12, tp_c13, tp_c14, tp_c15}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c16, tp_c17, tp_c18, tp_c19}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b0, tp_b1}, {tp_c16, tp_c17, tp_c18, tp_c19}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c20, tp_c21, tp_c22, tp_c23}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b2, tp_b3}, {tp_c20, tp_c21, tp_c22, tp_c23}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c24, tp_c25, tp_c26, tp_c27}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b4, tp_b5}, {tp_c24, tp_c25, tp_c26, tp_c27}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c28, tp_c29, tp_c30, tp_c31}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b6, tp_b7}, {tp_c28, tp_c29, tp_c30, tp_c31}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c32, tp_c33, tp_c34, tp_c35}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b0, tp_b1}, {tp_c32, tp_c33, tp_c34, tp_c35}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c36, tp_c37, tp_c38, tp_c39}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b2, tp_b3}, {tp_c36, tp_c37, tp_c38, tp_c39}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c40, tp_c41, tp_c42, tp_c43}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b4, tp_b5}, {tp_c40, tp_c41, tp_c42, tp_c43}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c44, tp_c45, tp_c46, tp_c47}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b6, tp_b7}, {tp_c44, tp_c45, tp_c46, tp_c47}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c48, tp_c49, tp_c50, tp_c51}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b0, tp_b1}, {tp_c48, tp_c49, tp_c50, tp_c51}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c52, tp_c53, tp_c54, tp_c55}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b2, tp_b3}, {tp_c52, tp_c53, tp_c54, tp_c55}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c56, tp_c57, tp_c58, tp_c59}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b4, tp_b5}, {tp_c56, tp_c57, tp_c58, tp_c59}; " +
                    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {tp_c60, tp_c61, tp_c62, tp_c63}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b6, tp_b7}, {tp_c60, tp_c61, tp_c62, tp_c63};", fragmentA + 4 * current, fragmentB + 4 * current);
            }
            else
            {
                CudaAsm.Emit(
                    "add.u32 tp_at, tp_base, %0; " +
                    "add.u32 tp_to, tp_base, %1; " +
                    "ld.shared.b32 tp_a0, [tp_at+0]; " +
                    "ld.shared.b32 tp_a1, [tp_at+32]; " +
                    "ld.shared.b32 tp_a2, [tp_at+2208]; " +
                    "ld.shared.b32 tp_a3, [tp_at+2176]; " +
                    "ld.shared.b32 tp_a4, [tp_at+64]; " +
                    "ld.shared.b32 tp_a5, [tp_at+96]; " +
                    "ld.shared.b32 tp_a6, [tp_at+2272]; " +
                    "ld.shared.b32 tp_a7, [tp_at+2240]; " +
                    "ld.shared.b32 tp_a8, [tp_at+128]; " +
                    "ld.shared.b32 tp_a9, [tp_at+160]; " +
                    "ld.shared.b32 tp_a10, [tp_at+2336]; " +
                    "ld.shared.b32 tp_a11, [tp_at+2304]; " +
                    "ld.shared.b32 tp_a12, [tp_at+192]; " +
                    "ld.shared.b32 tp_a13, [tp_at+224]; " +
                    "ld.shared.b32 tp_a14, [tp_at+2400]; " +
                    "ld.shared.b32 tp_a15, [tp_at+2368]; " +
                    "ld.shared.b32 tp_b0, [tp_to+0]; " +
                    "ld.shared.b32 tp_b1, [tp_to+2208]; " +
                    "ld.shared.b32 tp_b2, [tp_to+32]; " +
                    "ld.shared.b32 tp_b3, [tp_to+2176]; " +
                    "ld.shared.b32 tp_b4, [tp_to+64]; " +
                    "ld.shared.b32 tp_b5, [tp_to+2272]; " +
                    "ld.shared.b32 tp_b6, [tp_to+96]; " +
                    "ld.shared.b32 tp_b7, [tp_to+2240]; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c0, tp_c1, tp_c2, tp_c3}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b0, tp_b1}, {tp_c0, tp_c1, tp_c2, tp_c3}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c4, tp_c5, tp_c6, tp_c7}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b2, tp_b3}, {tp_c4, tp_c5, tp_c6, tp_c7}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c8, tp_c9, tp_c10, tp_c11}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b4, tp_b5}, {tp_c8, tp_c9, tp_c10, tp_c11}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c12, tp_c13, tp_c14, tp_c15}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b6, tp_b7}, {tp_c12, tp_c13, tp_c14, tp_c15}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c16, tp_c17, tp_c18, tp_c19}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b0, tp_b1}, {tp_c16, tp_c17, tp_c18, tp_c19}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c20, tp_c21, tp_c22, tp_c23}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b2, tp_b3}, {tp_c20, tp_c21, tp_c22, tp_c23}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c24, tp_c25, tp_c26, tp_c27}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b4, tp_b5}, {tp_c24, tp_c25, tp_c26, tp_c27}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c28, tp_c29, tp_c30, tp_c31}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b6, tp_b7}, {tp_c28, tp_c29, tp_c30, tp_c31}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c32, tp_c33, tp_c34, tp_c35}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b0, tp_b1}, {tp_c32, tp_c33, tp_c34, tp_c35}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c36, tp_c37, tp_c38, tp_c39}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b2, tp_b3}, {tp_c36, tp_c37, tp_c38, tp_c39}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c40, tp_c41, tp_c42, tp_c43}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b4, tp_b5}, {tp_c40, tp_c41, tp_c42, tp_c43}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c44, tp_c45, tp_c46, tp_c47}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b6, tp_b7}, {tp_c44, tp_c45, tp_c46, tp_c47}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c48, tp_c49, tp_c50, tp_c51}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b0, tp_b1}, {tp_c48, tp_c49, tp_c50, tp_c51}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c52, tp_c53, tp_c54, tp_c55}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b2, tp_b3}, {tp_c52, tp_c53, tp_c54, tp_c55}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c56, tp_c57, tp_c58, tp_c59}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b4, tp_b5}, {tp_c56, tp_c57, tp_c58, tp_c59}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c60, tp_c61, tp_c62, tp_c63}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b6, tp_b7}, {tp_c60, tp_c61, tp_c62, tp_c63};", fragmentA + 4 * current, fragmentB + 4 * current);
                CudaAsm.Emit(
                    "add.u32 tp_at, tp_base, %0; " +
                    "add.u32 tp_to, tp_base, %1; " +
                    "ld.shared.b32 tp_a0, [tp_at+4416]; " +
                    "ld.shared.b32 tp_a1, [tp_at+4448]; " +
                    "ld.shared.b32 tp_a2, [tp_at+6624]; " +
                    "ld.shared.b32 tp_a3, [tp_at+6592]; " +
                    "ld.shared.b32 tp_a4, [tp_at+4352]; " +
                    "ld.shared.b32 tp_a5, [tp_at+4384]; " +
                    "ld.shared.b32 tp_a6, [tp_at+6560]; " +
                    "ld.shared.b32 tp_a7, [tp_at+6528]; " +
                    "ld.shared.b32 tp_a8, [tp_at+4544]; " +
                    "ld.shared.b32 tp_a9, [tp_at+4576]; " +
                    "ld.shared.b32 tp_a10, [tp_at+6752]; " +
                    "ld.shared.b32 tp_a11, [tp_at+6720]; " +
                    "ld.shared.b32 tp_a12, [tp_at+4480]; " +
                    "ld.shared.b32 tp_a13, [tp_at+4512]; " +
                    "ld.shared.b32 tp_a14, [tp_at+6688]; " +
                    "ld.shared.b32 tp_a15, [tp_at+6656]; " +
                    "ld.shared.b32 tp_b0, [tp_to+4416]; " +
                    "ld.shared.b32 tp_b1, [tp_to+6624]; " +
                    "ld.shared.b32 tp_b2, [tp_to+4448]; " +
                    "ld.shared.b32 tp_b3, [tp_to+6592]; " +
                    "ld.shared.b32 tp_b4, [tp_to+4352]; " +
                    "ld.shared.b32 tp_b5, [tp_to+6560]; " +
                    "ld.shared.b32 tp_b6, [tp_to+4384]; " +
                    "ld.shared.b32 tp_b7, [tp_to+6528]; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c0, tp_c1, tp_c2, tp_c3}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b0, tp_b1}, {tp_c0, tp_c1, tp_c2, tp_c3}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c4, tp_c5, tp_c6, tp_c7}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b2, tp_b3}, {tp_c4, tp_c5, tp_c6, tp_c7}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c8, tp_c9, tp_c10, tp_c11}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b4, tp_b5}, {tp_c8, tp_c9, tp_c10, tp_c11}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c12, tp_c13, tp_c14, tp_c15}, {tp_a0, tp_a1, tp_a2, tp_a3}, {tp_b6, tp_b7}, {tp_c12, tp_c13, tp_c14, tp_c15}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c16, tp_c17, tp_c18, tp_c19}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b0, tp_b1}, {tp_c16, tp_c17, tp_c18, tp_c19}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c20, tp_c21, tp_c22, tp_c23}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b2, tp_b3}, {tp_c20, tp_c21, tp_c22, tp_c23}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c24, tp_c25, tp_c26, tp_c27}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b4, tp_b5}, {tp_c24, tp_c25, tp_c26, tp_c27}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c28, tp_c29, tp_c30, tp_c31}, {tp_a4, tp_a5, tp_a6, tp_a7}, {tp_b6, tp_b7}, {tp_c28, tp_c29, tp_c30, tp_c31}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c32, tp_c33, tp_c34, tp_c35}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b0, tp_b1}, {tp_c32, tp_c33, tp_c34, tp_c35}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c36, tp_c37, tp_c38, tp_c39}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b2, tp_b3}, {tp_c36, tp_c37, tp_c38, tp_c39}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c40, tp_c41, tp_c42, tp_c43}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b4, tp_b5}, {tp_c40, tp_c41, tp_c42, tp_c43}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c44, tp_c45, tp_c46, tp_c47}, {tp_a8, tp_a9, tp_a10, tp_a11}, {tp_b6, tp_b7}, {tp_c44, tp_c45, tp_c46, tp_c47}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c48, tp_c49, tp_c50, tp_c51}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b0, tp_b1}, {tp_c48, tp_c49, tp_c50, tp_c51}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c52, tp_c53, tp_c54, tp_c55}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b2, tp_b3}, {tp_c52, tp_c53, tp_c54, tp_c55}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c56, tp_c57, tp_c58, tp_c59}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b4, tp_b5}, {tp_c56, tp_c57, tp_c58, tp_c59}; " +
                    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {tp_c60, tp_c61, tp_c62, tp_c63}, {tp_a12, tp_a13, tp_a14, tp_a15}, {tp_b6, tp_b7}, {tp_c60, tp_c61, tp_c62, tp_c63};", fragmentA + 4 * current, fragmentB + 4 * current);
            }
            current = 2 * words - current;
            if (following < end)
            {
                if (TA.AlongDepth)
                {
                    StoreDepths<TPrecision>(4 * (current + targetA0), nextA0);
                    StoreDepths<TPrecision>(4 * (current + targetA1), nextA1);
                }
                else if (TPrecision.Pairs)
                {
                    StorePairs(4 * (current + targetA0), nextA0, nextA1);
                }
                else
                {
                    StoreOuters(4 * (current + targetA0), nextA0);
                    StoreOuters(4 * (current + targetA1), nextA1);
                }
                if (TB.AlongDepth)
                {
                    StoreDepths<TPrecision>(4 * (current + targetB0), nextB0);
                    StoreDepths<TPrecision>(4 * (current + targetB1), nextB1);
                }
                else if (TPrecision.Pairs)
                {
                    StorePairs(4 * (current + targetB0), nextB0, nextB1);
                }
                else
                {
                    StoreOuters(4 * (current + targetB0), nextB0);
                    StoreOuters(4 * (current + targetB1), nextB1);
                }
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
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c0, tp_c2, tp_odd; " +
            "selp.f32 tp_x1, tp_c1, tp_c3, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c0, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c1, tp_odd; " +
            "selp.f32 %2, tp_c2, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c3, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 0, column + 0, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c4, tp_c6, tp_odd; " +
            "selp.f32 tp_x1, tp_c5, tp_c7, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c4, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c5, tp_odd; " +
            "selp.f32 %2, tp_c6, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c7, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 0, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c8, tp_c10, tp_odd; " +
            "selp.f32 tp_x1, tp_c9, tp_c11, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c8, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c9, tp_odd; " +
            "selp.f32 %2, tp_c10, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c11, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 0, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c12, tp_c14, tp_odd; " +
            "selp.f32 tp_x1, tp_c13, tp_c15, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c12, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c13, tp_odd; " +
            "selp.f32 %2, tp_c14, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c15, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 0, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c16, tp_c18, tp_odd; " +
            "selp.f32 tp_x1, tp_c17, tp_c19, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c16, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c17, tp_odd; " +
            "selp.f32 %2, tp_c18, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c19, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 0, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c20, tp_c22, tp_odd; " +
            "selp.f32 tp_x1, tp_c21, tp_c23, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c20, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c21, tp_odd; " +
            "selp.f32 %2, tp_c22, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c23, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c24, tp_c26, tp_odd; " +
            "selp.f32 tp_x1, tp_c25, tp_c27, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c24, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c25, tp_odd; " +
            "selp.f32 %2, tp_c26, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c27, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c28, tp_c30, tp_odd; " +
            "selp.f32 tp_x1, tp_c29, tp_c31, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c28, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c29, tp_odd; " +
            "selp.f32 %2, tp_c30, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c31, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 16, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c32, tp_c34, tp_odd; " +
            "selp.f32 tp_x1, tp_c33, tp_c35, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c32, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c33, tp_odd; " +
            "selp.f32 %2, tp_c34, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c35, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 0, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c36, tp_c38, tp_odd; " +
            "selp.f32 tp_x1, tp_c37, tp_c39, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c36, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c37, tp_odd; " +
            "selp.f32 %2, tp_c38, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c39, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c40, tp_c42, tp_odd; " +
            "selp.f32 tp_x1, tp_c41, tp_c43, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c40, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c41, tp_odd; " +
            "selp.f32 %2, tp_c42, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c43, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c44, tp_c46, tp_odd; " +
            "selp.f32 tp_x1, tp_c45, tp_c47, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c44, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c45, tp_odd; " +
            "selp.f32 %2, tp_c46, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c47, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 32, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c48, tp_c50, tp_odd; " +
            "selp.f32 tp_x1, tp_c49, tp_c51, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c48, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c49, tp_odd; " +
            "selp.f32 %2, tp_c50, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c51, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 0, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c52, tp_c54, tp_odd; " +
            "selp.f32 tp_x1, tp_c53, tp_c55, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c52, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c53, tp_odd; " +
            "selp.f32 %2, tp_c54, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c55, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 8, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c56, tp_c58, tp_odd; " +
            "selp.f32 tp_x1, tp_c57, tp_c59, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c56, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c57, tp_odd; " +
            "selp.f32 %2, tp_c58, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c59, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 16, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
        CudaAsm.EmitRef(
            "selp.f32 tp_x0, tp_c60, tp_c62, tp_odd; " +
            "selp.f32 tp_x1, tp_c61, tp_c63, tp_odd; " +
            "shfl.sync.bfly.b32 tp_x2, tp_x0, 1, 31, 0xffffffff; " +
            "shfl.sync.bfly.b32 tp_x3, tp_x1, 1, 31, 0xffffffff; " +
            "selp.f32 %0, tp_x2, tp_c60, tp_odd; " +
            "selp.f32 %1, tp_x3, tp_c61, tp_odd; " +
            "selp.f32 %2, tp_c62, tp_x2, tp_odd; " +
            "selp.f32 %3, tp_c63, tp_x3, tp_odd;", ref x, ref y, ref z, ref v);
        store.Store(row + 48, column + 24, part, split, new Float4(x.Value, y.Value, z.Value, v.Value));
    }

    // The word of an element, or of the first of a run of elements.
    private static int Place<TPrecision>(int outer, int depth)
        where TPrecision : struct, ITensorPrecision
    {
        int line = TPrecision.Pairs ? depth >> 1 : depth;
        return line * 136 + (outer ^ (8 * (line >> 2 & 3)));
    }

    private static void StoreDepths<TPrecision>(int at, Float4 quad)
        where TPrecision : struct, ITensorPrecision
    {
        if (TPrecision.Pairs)
        {
            CudaAsm.Emit(
                "add.u32 tp_to, tp_base, %0; " +
                "cvt.rn.bf16x2.f32 tp_w0, %2, %1; " +
                "cvt.rn.bf16x2.f32 tp_w1, %4, %3; " +
                "st.shared.b32 [tp_to], tp_w0; " +
                "st.shared.b32 [tp_to+544], tp_w1;", at, quad.X, quad.Y, quad.Z, quad.W);
        }
        else
        {
            CudaAsm.Emit(
                "add.u32 tp_to, tp_base, %0; " +
                "and.b32 tp_w0, %1, 0xff800000; " +
                "mov.b32 tp_r0, tp_w0; " +
                "fma.rn.f32 tp_r0, tp_r0, 0f3a000000, %1; " +
                "and.b32 tp_w1, %2, 0xff800000; " +
                "mov.b32 tp_r1, tp_w1; " +
                "fma.rn.f32 tp_r1, tp_r1, 0f3a000000, %2; " +
                "and.b32 tp_w2, %3, 0xff800000; " +
                "mov.b32 tp_r2, tp_w2; " +
                "fma.rn.f32 tp_r2, tp_r2, 0f3a000000, %3; " +
                "and.b32 tp_w3, %4, 0xff800000; " +
                "mov.b32 tp_r3, tp_w3; " +
                "fma.rn.f32 tp_r3, tp_r3, 0f3a000000, %4; " +
                "st.shared.f32 [tp_to], tp_r0; " +
                "st.shared.f32 [tp_to+544], tp_r1; " +
                "st.shared.f32 [tp_to+1088], tp_r2; " +
                "st.shared.f32 [tp_to+1632], tp_r3;", at, quad.X, quad.Y, quad.Z, quad.W);
        }
    }

    private static void StoreOuters(int at, Float4 quad)
    {
        CudaAsm.Emit(
            "add.u32 tp_to, tp_base, %0; " +
            "and.b32 tp_w0, %1, 0xff800000; " +
            "mov.b32 tp_r0, tp_w0; " +
            "fma.rn.f32 tp_r0, tp_r0, 0f3a000000, %1; " +
            "and.b32 tp_w1, %2, 0xff800000; " +
            "mov.b32 tp_r1, tp_w1; " +
            "fma.rn.f32 tp_r1, tp_r1, 0f3a000000, %2; " +
            "and.b32 tp_w2, %3, 0xff800000; " +
            "mov.b32 tp_r2, tp_w2; " +
            "fma.rn.f32 tp_r2, tp_r2, 0f3a000000, %3; " +
            "and.b32 tp_w3, %4, 0xff800000; " +
            "mov.b32 tp_r3, tp_w3; " +
            "fma.rn.f32 tp_r3, tp_r3, 0f3a000000, %4; " +
            "st.shared.v4.f32 [tp_to], {tp_r0, tp_r1, tp_r2, tp_r3};", at, quad.X, quad.Y, quad.Z, quad.W);
    }

    // Two depths of four rows or columns; the earlier depth is the lower half of a word.
    private static void StorePairs(int at, Float4 first, Float4 second)
    {
        CudaAsm.Emit(
            "add.u32 tp_to, tp_base, %0; " +
            "cvt.rn.bf16x2.f32 tp_w0, %5, %1; " +
            "cvt.rn.bf16x2.f32 tp_w1, %6, %2; " +
            "cvt.rn.bf16x2.f32 tp_w2, %7, %3; " +
            "cvt.rn.bf16x2.f32 tp_w3, %8, %4; " +
            "st.shared.v4.b32 [tp_to], {tp_w0, tp_w1, tp_w2, tp_w3};", at, first.X, first.Y, first.Z, first.W, second.X, second.Y, second.Z, second.W);
    }
}
