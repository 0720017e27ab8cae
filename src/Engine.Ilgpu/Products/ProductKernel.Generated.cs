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

        // Which quads of A this thread loads, and where they go.
        int outerA = TA.AlongDepth ? thread / (TTile.Depth / 4) : 4 * (thread % (2 * TTile.Side));
        int depthA = TA.AlongDepth ? 4 * (thread % (TTile.Depth / 4)) : thread / (2 * TTile.Side);
        int nextOuterA = TA.AlongDepth ? half : 0;
        int nextDepthA = TA.AlongDepth ? 0 : TTile.Depth / 2;
        TileLine lineA0 = a.Prepare(rowBase + outerA, part);
        TileLine lineA1 = a.Prepare(rowBase + outerA + nextOuterA, part);
        int targetA0 = depthA * pitch + outerA;
        int targetA1 = (depthA + nextDepthA) * pitch + outerA + nextOuterA;

        // Which quads of B this thread loads, and where they go.
        int outerB = TB.AlongDepth ? thread / (TTile.Depth / 4) : 4 * (thread % (2 * TTile.Side));
        int depthB = TB.AlongDepth ? 4 * (thread % (TTile.Depth / 4)) : thread / (2 * TTile.Side);
        int nextOuterB = TB.AlongDepth ? half : 0;
        int nextDepthB = TB.AlongDepth ? 0 : TTile.Depth / 2;
        TileLine lineB0 = b.Prepare(columnBase + outerB, part);
        TileLine lineB1 = b.Prepare(columnBase + outerB + nextOuterB, part);
        int targetB0 = depthB * pitch + outerB;
        int targetB1 = (depthB + nextDepthB) * pitch + outerB + nextOuterB;

        float c00 = 0, c01 = 0, c02 = 0, c03 = 0, c04 = 0, c05 = 0, c06 = 0, c07 = 0;
        float c10 = 0, c11 = 0, c12 = 0, c13 = 0, c14 = 0, c15 = 0, c16 = 0, c17 = 0;
        float c20 = 0, c21 = 0, c22 = 0, c23 = 0, c24 = 0, c25 = 0, c26 = 0, c27 = 0;
        float c30 = 0, c31 = 0, c32 = 0, c33 = 0, c34 = 0, c35 = 0, c36 = 0, c37 = 0;
        float c40 = 0, c41 = 0, c42 = 0, c43 = 0, c44 = 0, c45 = 0, c46 = 0, c47 = 0;
        float c50 = 0, c51 = 0, c52 = 0, c53 = 0, c54 = 0, c55 = 0, c56 = 0, c57 = 0;
        float c60 = 0, c61 = 0, c62 = 0, c63 = 0, c64 = 0, c65 = 0, c66 = 0, c67 = 0;
        float c70 = 0, c71 = 0, c72 = 0, c73 = 0, c74 = 0, c75 = 0, c76 = 0, c77 = 0;

        TileDepth atA0 = a.Start(begin + depthA), atA1 = TA.AlongDepth ? atA0 : a.Start(begin + depthA + nextDepthA);
        TileDepth atB0 = TB.FollowsA ? atA0 : b.Start(begin + depthB), atB1 = TB.AlongDepth ? atB0 : b.Start(begin + depthB + nextDepthB);
        Float4 nextA0 = a.Load(lineA0, atA0, end);
        Float4 nextA1 = a.Load(lineA1, atA1, end);
        Float4 nextB0 = b.Load(lineB0, atB0, end);
        Float4 nextB1 = b.Load(lineB1, atB1, end);
        if (TA.AlongDepth)
        {
            tileA[targetA0] = nextA0.X;
            tileA[targetA0 + pitch] = nextA0.Y;
            tileA[targetA0 + 2 * pitch] = nextA0.Z;
            tileA[targetA0 + 3 * pitch] = nextA0.W;
            tileA[targetA1] = nextA1.X;
            tileA[targetA1 + pitch] = nextA1.Y;
            tileA[targetA1 + 2 * pitch] = nextA1.Z;
            tileA[targetA1 + 3 * pitch] = nextA1.W;
        }
        else
        {
            quadsA[(targetA0) / 4] = nextA0;
            quadsA[(targetA1) / 4] = nextA1;
        }
        if (TB.AlongDepth)
        {
            tileB[targetB0] = nextB0.X;
            tileB[targetB0 + pitch] = nextB0.Y;
            tileB[targetB0 + 2 * pitch] = nextB0.Z;
            tileB[targetB0 + 3 * pitch] = nextB0.W;
            tileB[targetB1] = nextB1.X;
            tileB[targetB1 + pitch] = nextB1.Y;
            tileB[targetB1 + 2 * pitch] = nextB1.Z;
            tileB[targetB1 + 3 * pitch] = nextB1.W;
        }
        else
        {
            quadsB[(targetB0) / 4] = nextB0;
            quadsB[(targetB1) / 4] = nextB1;
        }
        Group.Barrier();

        int current = 0;
        for (int step = begin; step < end; step += TTile.Depth)
        {
            int following = step + TTile.Depth;
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
            int atA = (current + 4 * y) / 4, atB = (current + 4 * x) / 4;
            for (int k = 0; k < TTile.Depth; k++)
            {
                Float4 aLow = quadsA[atA], aHigh = highA[atA];
                Float4 bLow = quadsB[atB], bHigh = highB[atB];
                atA += pitch / 4;
                atB += pitch / 4;
                c00 += aLow.X * bLow.X;
                c01 += aLow.X * bLow.Y;
                c02 += aLow.X * bLow.Z;
                c03 += aLow.X * bLow.W;
                c04 += aLow.X * bHigh.X;
                c05 += aLow.X * bHigh.Y;
                c06 += aLow.X * bHigh.Z;
                c07 += aLow.X * bHigh.W;
                c10 += aLow.Y * bLow.X;
                c11 += aLow.Y * bLow.Y;
                c12 += aLow.Y * bLow.Z;
                c13 += aLow.Y * bLow.W;
                c14 += aLow.Y * bHigh.X;
                c15 += aLow.Y * bHigh.Y;
                c16 += aLow.Y * bHigh.Z;
                c17 += aLow.Y * bHigh.W;
                c20 += aLow.Z * bLow.X;
                c21 += aLow.Z * bLow.Y;
                c22 += aLow.Z * bLow.Z;
                c23 += aLow.Z * bLow.W;
                c24 += aLow.Z * bHigh.X;
                c25 += aLow.Z * bHigh.Y;
                c26 += aLow.Z * bHigh.Z;
                c27 += aLow.Z * bHigh.W;
                c30 += aLow.W * bLow.X;
                c31 += aLow.W * bLow.Y;
                c32 += aLow.W * bLow.Z;
                c33 += aLow.W * bLow.W;
                c34 += aLow.W * bHigh.X;
                c35 += aLow.W * bHigh.Y;
                c36 += aLow.W * bHigh.Z;
                c37 += aLow.W * bHigh.W;
                c40 += aHigh.X * bLow.X;
                c41 += aHigh.X * bLow.Y;
                c42 += aHigh.X * bLow.Z;
                c43 += aHigh.X * bLow.W;
                c44 += aHigh.X * bHigh.X;
                c45 += aHigh.X * bHigh.Y;
                c46 += aHigh.X * bHigh.Z;
                c47 += aHigh.X * bHigh.W;
                c50 += aHigh.Y * bLow.X;
                c51 += aHigh.Y * bLow.Y;
                c52 += aHigh.Y * bLow.Z;
                c53 += aHigh.Y * bLow.W;
                c54 += aHigh.Y * bHigh.X;
                c55 += aHigh.Y * bHigh.Y;
                c56 += aHigh.Y * bHigh.Z;
                c57 += aHigh.Y * bHigh.W;
                c60 += aHigh.Z * bLow.X;
                c61 += aHigh.Z * bLow.Y;
                c62 += aHigh.Z * bLow.Z;
                c63 += aHigh.Z * bLow.W;
                c64 += aHigh.Z * bHigh.X;
                c65 += aHigh.Z * bHigh.Y;
                c66 += aHigh.Z * bHigh.Z;
                c67 += aHigh.Z * bHigh.W;
                c70 += aHigh.W * bLow.X;
                c71 += aHigh.W * bLow.Y;
                c72 += aHigh.W * bLow.Z;
                c73 += aHigh.W * bLow.W;
                c74 += aHigh.W * bHigh.X;
                c75 += aHigh.W * bHigh.Y;
                c76 += aHigh.W * bHigh.Z;
                c77 += aHigh.W * bHigh.W;
            }
            current = stage - current;
            if (following < end)
            {
                if (TA.AlongDepth)
                {
                    tileA[current + targetA0] = nextA0.X;
                    tileA[current + targetA0 + pitch] = nextA0.Y;
                    tileA[current + targetA0 + 2 * pitch] = nextA0.Z;
                    tileA[current + targetA0 + 3 * pitch] = nextA0.W;
                    tileA[current + targetA1] = nextA1.X;
                    tileA[current + targetA1 + pitch] = nextA1.Y;
                    tileA[current + targetA1 + 2 * pitch] = nextA1.Z;
                    tileA[current + targetA1 + 3 * pitch] = nextA1.W;
                }
                else
                {
                    quadsA[(current + targetA0) / 4] = nextA0;
                    quadsA[(current + targetA1) / 4] = nextA1;
                }
                if (TB.AlongDepth)
                {
                    tileB[current + targetB0] = nextB0.X;
                    tileB[current + targetB0 + pitch] = nextB0.Y;
                    tileB[current + targetB0 + 2 * pitch] = nextB0.Z;
                    tileB[current + targetB0 + 3 * pitch] = nextB0.W;
                    tileB[current + targetB1] = nextB1.X;
                    tileB[current + targetB1 + pitch] = nextB1.Y;
                    tileB[current + targetB1 + 2 * pitch] = nextB1.Z;
                    tileB[current + targetB1 + 3 * pitch] = nextB1.W;
                }
                else
                {
                    quadsB[(current + targetB0) / 4] = nextB0;
                    quadsB[(current + targetB1) / 4] = nextB1;
                }
            }
            Group.Barrier();
        }

        int row = rowBase + 4 * y, column = columnBase + 4 * x;
        store.Store(row + 0, column, part, split, new Float4(c00, c01, c02, c03));
        store.Store(row + 0, column + half, part, split, new Float4(c04, c05, c06, c07));
        store.Store(row + 1, column, part, split, new Float4(c10, c11, c12, c13));
        store.Store(row + 1, column + half, part, split, new Float4(c14, c15, c16, c17));
        store.Store(row + 2, column, part, split, new Float4(c20, c21, c22, c23));
        store.Store(row + 2, column + half, part, split, new Float4(c24, c25, c26, c27));
        store.Store(row + 3, column, part, split, new Float4(c30, c31, c32, c33));
        store.Store(row + 3, column + half, part, split, new Float4(c34, c35, c36, c37));
        store.Store(row + half + 0, column, part, split, new Float4(c40, c41, c42, c43));
        store.Store(row + half + 0, column + half, part, split, new Float4(c44, c45, c46, c47));
        store.Store(row + half + 1, column, part, split, new Float4(c50, c51, c52, c53));
        store.Store(row + half + 1, column + half, part, split, new Float4(c54, c55, c56, c57));
        store.Store(row + half + 2, column, part, split, new Float4(c60, c61, c62, c63));
        store.Store(row + half + 2, column + half, part, split, new Float4(c64, c65, c66, c67));
        store.Store(row + half + 3, column, part, split, new Float4(c70, c71, c72, c73));
        store.Store(row + half + 3, column + half, part, split, new Float4(c74, c75, c76, c77));
    }
}
