using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// The tiled matrix product behind Gemm, the linear layer and the three convolution passes. ILGPU does not unroll loops and
/// puts arrays into local memory: the 64 sums of a thread are fields, and every use is written out.
/// </summary>
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
        a = a.OfPart(part);
        b = b.OfPart(part);
        int end = extent.End(begin, b.DepthOf(a.DepthOf(extent.Depth, part), part));

        QuadPlaces placesA = Places<TTile, TA>(thread), placesB = Places<TTile, TB>(thread);
        var nextA = new FactorQuads<TA>(a, placesA, rowBase, part);
        var nextB = new FactorQuads<TB>(b, placesB, columnBase, part);
        int targetA0 = placesA.Depth0 * pitch + placesA.Outer0, targetA1 = placesA.Depth1 * pitch + placesA.Outer1;
        int targetB0 = placesB.Depth0 * pitch + placesB.Outer0, targetB1 = placesB.Depth1 * pitch + placesB.Outer1;

        var c0 = new SumRow();
        var c1 = new SumRow();
        var c2 = new SumRow();
        var c3 = new SumRow();
        var c4 = new SumRow();
        var c5 = new SumRow();
        var c6 = new SumRow();
        var c7 = new SumRow();

        nextA.Start(a, placesA, begin, default);
        nextB.Start(b, placesB, begin, nextA.At0);
        nextA.Load(a, end);
        nextB.Load(b, end);
        Put<TA>(tileA, quadsA, targetA0, pitch, nextA.Quad0);
        Put<TA>(tileA, quadsA, targetA1, pitch, nextA.Quad1);
        Put<TB>(tileB, quadsB, targetB0, pitch, nextB.Quad0);
        Put<TB>(tileB, quadsB, targetB1, pitch, nextB.Quad1);
        Group.Barrier();

        int current = 0;
        for (int step = begin; step < end; step += TTile.Depth)
        {
            int following = step + TTile.Depth;
            if (following < end)
            {
                nextA.Next(a, default);
                nextB.Next(b, nextA.At0);
                nextA.Load(a, end);
                nextB.Load(b, end);
            }
            int atA = (current + 4 * y) / 4, atB = (current + 4 * x) / 4;
            for (int k = 0; k < TTile.Depth; k++)
            {
                Float4 aLow = quadsA[atA], aHigh = highA[atA];
                Float4 bLow = quadsB[atB], bHigh = highB[atB];
                atA += pitch / 4;
                atB += pitch / 4;
                c0.Add(aLow.X, bLow, bHigh);
                c1.Add(aLow.Y, bLow, bHigh);
                c2.Add(aLow.Z, bLow, bHigh);
                c3.Add(aLow.W, bLow, bHigh);
                c4.Add(aHigh.X, bLow, bHigh);
                c5.Add(aHigh.Y, bLow, bHigh);
                c6.Add(aHigh.Z, bLow, bHigh);
                c7.Add(aHigh.W, bLow, bHigh);
            }
            current = stage - current;
            if (following < end)
            {
                Put<TA>(tileA, quadsA, current + targetA0, pitch, nextA.Quad0);
                Put<TA>(tileA, quadsA, current + targetA1, pitch, nextA.Quad1);
                Put<TB>(tileB, quadsB, current + targetB0, pitch, nextB.Quad0);
                Put<TB>(tileB, quadsB, current + targetB1, pitch, nextB.Quad1);
            }
            Group.Barrier();
        }

        int row = rowBase + 4 * y, column = columnBase + 4 * x;
        c0.Store(store, row, column, half, part, split);
        c1.Store(store, row + 1, column, half, part, split);
        c2.Store(store, row + 2, column, half, part, split);
        c3.Store(store, row + 3, column, half, part, split);
        c4.Store(store, row + half, column, half, part, split);
        c5.Store(store, row + half + 1, column, half, part, split);
        c6.Store(store, row + half + 2, column, half, part, split);
        c7.Store(store, row + half + 3, column, half, part, split);
    }

    // Which quads of a factor's tile a thread loads.
    private static QuadPlaces Places<TTile, T>(int thread)
        where TTile : struct, IProductTile
        where T : struct, IProductSource<T>
    {
        int outer = T.AlongDepth ? thread / (TTile.Depth / 4) : 4 * (thread % (2 * TTile.Side));
        int depth = T.AlongDepth ? 4 * (thread % (TTile.Depth / 4)) : thread / (2 * TTile.Side);
        return new QuadPlaces { Outer0 = outer, Outer1 = outer + (T.AlongDepth ? 4 * TTile.Side : 0), Depth0 = depth, Depth1 = depth + (T.AlongDepth ? 0 : TTile.Depth / 2) };
    }

    private static void Put<T>(ArrayView<float> tile, ArrayView<Float4> quads, int at, int pitch, Float4 quad)
        where T : struct, IProductSource<T>
    {
        if (!T.AlongDepth)
        {
            quads[at / 4] = quad;
            return;
        }
        tile[at] = quad.X;
        tile[at + pitch] = quad.Y;
        tile[at + 2 * pitch] = quad.Z;
        tile[at + 3 * pitch] = quad.W;
    }

    // The sums of one row: four neighbouring columns and four that lie half a tile on.
    private struct SumRow
    {
        private Float4 _low, _high;

        public void Add(float a, Float4 low, Float4 high)
        {
            _low.X += a * low.X;
            _low.Y += a * low.Y;
            _low.Z += a * low.Z;
            _low.W += a * low.W;
            _high.X += a * high.X;
            _high.Y += a * high.Y;
            _high.Z += a * high.Z;
            _high.W += a * high.W;
        }

        public readonly void Store<TStore>(TStore store, int row, int column, int half, int part, int split)
            where TStore : struct, IProductStore
        {
            store.Store(row, column, part, split, _low);
            store.Store(row, column + half, part, split, _high);
        }
    }
}
