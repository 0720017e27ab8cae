namespace IlgpuSpp.Engine.Cpu;

// Convolutions by Winograd's algorithm F(4×4, 3×3): 3×3 of stride 1, and 5×5 or 6×6 of stride 2, which are 3×3 of stride 1
// over a map folded to half its extents and four times its channels. It multiplies 36 numbers where the direct way
// multiplies 144 (100 at 5×5), for a relative error of about 1e-5. Tiles are done in ranges, so that the transformed
// range stays in the last-level cache.
public sealed unsafe partial class CpuBackend
{
    // Products save what in·out pays for, the transforms cost in + out: measured, it pays from in·out / (in + out) = 28.
    // With fewer tiles the transform of the weights costs what the products save.
    private const int FewestWinogradProducts = 28;
    private const int FewestWinogradTiles = 64;

    // Tiles of a range: the transformed inputs and outputs of the range then have at most this many floats,
    // unless that were fewer tiles than give the kernels enough rows.
    private const int WinogradRangeLength = 7 << 20;
    private const int FewestTilesOfRange = 96;

    private const int FewWinogradChannels = 256;

    // Weights that are transformed once for many passes are read, four times as many as without: measured, it pays from 16 tiles if the products save as much as at 14×14.
    private const int FewestPackedWinogradTiles = 16;
    private const double SmallestPackedSaving = 2.9;

    // Floats that a thread's second-level cache holds beside the weights: tiles whose transformed inputs and outputs fit are taken through all three steps by one thread. With fewer than some
    // blocks a thread, threads would wait for the last one.
    private const int WinogradBlockLength = 240 << 10;
    private const int BlocksOfThread = 2;

    private static int TilesOfBlock(MicroKernel kernel, int channels) => Math.Min(GemmBlocking.Rows, WinogradBlockLength / (36 * channels)) / kernel.Rows * kernel.Rows;

    private bool UsesWinograd(Shape x, Shape y, ConvGeometry geometry, bool packed = false)
    {
        if (_options.ExactConvolution || geometry.Groups != 1) return false;
        int fold = geometry.StrideHeight;
        bool fits = fold == 1
            ? geometry is { KernelHeight: 3, KernelWidth: 3, StrideWidth: 1 }
            : fold == 2 && geometry is { KernelHeight: 5 or 6, KernelWidth: 5 or 6, StrideWidth: 2 };
        long channels = (long)fold * fold * x.Channels, tiles = (long)y.Batch * TilesOf(y.Height) * TilesOf(y.Width);
        return fits
            && channels * y.Channels >= FewestWinogradProducts * (channels + y.Channels)
            && (tiles >= FewestWinogradTiles || (packed && tiles >= FewestPackedWinogradTiles && 9L * y.Batch * y.Height * y.Width >= SmallestPackedSaving * 36 * tiles));
    }

    private static int TilesOf(int extent) => (extent + 3) / 4;

    /// <summary>Floats of transformed weights.</summary>
    internal long WinogradLength(Shape weights, ConvGeometry geometry)
    {
        int fold = geometry.StrideHeight;
        return 36 * (long)WeightPointStride(fold * fold * weights[2], weights[3]);
    }

    /// <summary>Transforms weights <c>[kh, kw, in, out]</c>.</summary>
    internal void WinogradTransform(float* w, Shape weights, ConvGeometry geometry, float* transformed) =>
        Transform(new WinogradWeights(w, geometry.KernelHeight, geometry.KernelWidth, weights[2], weights[3], geometry.StrideHeight), transformed);

    private void WinogradForward(Tensor x, Shape weights, float* transformed, float* bias, float* added, Tensor y, ConvGeometry geometry, Activation activation)
    {
        int fold = geometry.StrideHeight, tilesHigh = TilesOf(y.Shape.Height), tilesWide = TilesOf(y.Shape.Width);
        var output = new WinogradOutputJob
        {
            Map = Pointer(y), Height = y.Shape.Height, Width = y.Shape.Width, Channels = y.Shape.Channels, Fold = 1,
            TilesHigh = tilesHigh, TilesWide = tilesWide, Bias = bias, Added = added, Relu = activation.Kind == ActivationKind.Relu,
        };
        WinogradConvolve(WinogradGrid(x, fold, geometry.PadHeight, geometry.PadWidth, tilesHigh, tilesWide), x.Shape.Batch, fold, fold * fold * weights[2], weights[3], transformed, output);
        if (activation.Kind > ActivationKind.Relu) RunActivationForward(activation, y, y);
    }

    private nint WeightPointStride(int channels, int outChannels)
    {
        MicroKernel kernel = MicroKernel.For(_lanes, outChannels);
        return (nint)kernel.Panels(outChannels) * kernel.Columns * channels + 16;
    }

    private void Transform(WinogradWeights weights, float* transformed)
    {
        using Borrowed zeros = _memory.Borrow(weights.OutChannels);
        new Span<float>(zeros.Pointer, weights.OutChannels).Clear();
        _workers.Run(new WinogradWeightJob
        {
            Kernel = WinogradKernel.For(_lanes), Weights = weights, Width = MicroKernel.For(_lanes, weights.OutChannels).Columns,
            PointStride = WeightPointStride(weights.Channels, weights.OutChannels), U = transformed, Zeros = zeros.Pointer,
        });
    }

    private void WinogradBackwardInput(Tensor dy, float* w, Tensor dx, ConvGeometry geometry)
    {
        int fold = geometry.StrideHeight, inChannels = dx.Shape.Channels, outChannels = dy.Shape.Channels;
        // The folded map begins with the zeros above and to the left of dx.
        int tilesHigh = TilesOf(fold == 1 ? dx.Shape.Height : (dx.Shape.Height + geometry.PadHeight + 1) / 2);
        int tilesWide = TilesOf(fold == 1 ? dx.Shape.Width : (dx.Shape.Width + geometry.PadWidth + 1) / 2);
        var weights = new WinogradWeights(w, geometry.KernelHeight, geometry.KernelWidth, inChannels, outChannels, fold);
        using Borrowed turned = _memory.Borrow(9L * weights.Channels * outChannels);
        _workers.Run(new TurnWeightsJob { Weights = weights, Turned = turned.Pointer });
        var output = new WinogradOutputJob
        {
            Map = Pointer(dx), Height = dx.Shape.Height, Width = dx.Shape.Width, Channels = inChannels, Fold = fold,
            PadHeight = fold == 1 ? 0 : geometry.PadHeight, PadWidth = fold == 1 ? 0 : geometry.PadWidth, TilesHigh = tilesHigh,
            TilesWide = tilesWide,
        };
        int padHeight = fold == 1 ? 2 - geometry.PadHeight : 2, padWidth = fold == 1 ? 2 - geometry.PadWidth : 2;
        using Borrowed transformed = _memory.Borrow(36 * (long)WeightPointStride(outChannels, weights.Channels));
        Transform(new WinogradWeights(turned.Pointer, 3, 3, outChannels, weights.Channels, 1), transformed.Pointer);
        WinogradConvolve(WinogradGrid(dy, 1, padHeight, padWidth, tilesHigh, tilesWide), dy.Shape.Batch, 1, outChannels, weights.Channels, transformed.Pointer, output);
    }

    private void WinogradConvolve(PatchGrid grid, int images, int fold, int channels, int outChannels, float* transformed, WinogradOutputJob output)
    {
        MicroKernel kernel = MicroKernel.For(_lanes, outChannels);
        WinogradKernel transforms = WinogradKernel.For(_lanes);
        int tiles = images * grid.GridHeight * grid.GridWidth;
        int segments = GemmBlocking.Segments(channels).Segments, alone = segments == 1 ? TilesOfBlock(kernel, channels + outChannels) : 0;
        bool blockwise = alone >= 2 * kernel.Rows && tiles >= BlocksOfThread * _workers.Threads * alone;
        int range = blockwise ? alone : TilesOfRange(tiles, channels + outChannels);
        int blocks = (range + GemmBlocking.Rows - 1) / GemmBlocking.Rows;
        int rowsPerItem = kernel.RoundRows((range + blocks - 1) / blocks), padded = kernel.RoundRows(range), rooms = blockwise ? _workers.Threads : 1;
        int segmentLength = ((channels + segments - 1) / segments + 15) / 16 * 16;
        nint segmentStride = (nint)padded * RowLayout.Stride, inputPointStride = segments * segmentStride + 16;
        nint outputTileStride = (outChannels + 15) / 16 * 16, outputPointStride = range * outputTileStride + 16;

        using Borrowed v = _memory.Borrow(36 * (long)inputPointStride * rooms), m = _memory.Borrow(36 * (long)outputPointStride * rooms);
        var inputJob = new WinogradInputJob
        {
            Kernel = transforms, Grid = grid, Fold = fold, SegmentLength = segmentLength, PointStride = inputPointStride,
            SegmentStride = segmentStride, TileStride = RowLayout.Stride, V = v.Pointer,
        };
        // Apart from each other: of a block job's workers some are at the input and others at the products.
        using Borrowed scratch = _memory.Borrow((inputJob.ScratchLength + WinogradProductJob.ScratchLength) * _workers.Threads);
        inputJob.Scratch = scratch.Pointer + WinogradProductJob.ScratchLength * _workers.Threads;
        var product = new WinogradProductJob
        {
            Kernel = kernel, RowsPerItem = rowsPerItem, Channels = channels, SegmentLength = segmentLength,
            OutChannels = outChannels, InputPointStride = inputPointStride, InputSegmentStride = segmentStride,
            WeightPointStride = WeightPointStride(channels, outChannels), OutputPointStride = outputPointStride, OutputTileStride = outputTileStride,
            V = v.Pointer, U = transformed, M = m.Pointer, Scratch = scratch.Pointer,
        };
        output.Kernel = transforms;
        output.M = m.Pointer;
        output.PointStride = outputPointStride;
        output.TileStride = outputTileStride;
        if (blockwise)
        {
            _workers.Run(new WinogradBlockJob { Input = inputJob, Product = product, Output = output, Tiles = tiles, TilesPerItem = range });
            return;
        }
        for (int first = 0; first < tiles; first += range)
        {
            int count = Math.Min(range, tiles - first);
            inputJob.FirstTile = output.FirstTile = first;
            inputJob.Tiles = product.Tiles = output.Tiles = count;
            inputJob.PaddedTiles = kernel.RoundRows(count);
            _workers.Run(inputJob);
            _workers.Run(product);
            _workers.Run(output);
        }
    }

    private void WinogradBackwardParameters(Tensor x, Tensor dy, float* dw, float* dBias, ConvGeometry geometry)
    {
        int fold = geometry.StrideHeight, tilesHigh = TilesOf(dy.Shape.Height), tilesWide = TilesOf(dy.Shape.Width);
        var gradient = new WinogradWeights(dw, geometry.KernelHeight, geometry.KernelWidth, x.Shape.Channels, dy.Shape.Channels, fold);
        int channels = gradient.Channels, outChannels = gradient.OutChannels;
        MicroKernel kernel = MicroKernel.For(_lanes, outChannels);
        WinogradKernel transforms = WinogradKernel.For(_lanes);
        int tiles = dy.Shape.Batch * tilesHigh * tilesWide, range = TilesOfRange(tiles, channels + outChannels);
        // With few channels the products go by so fast that what they read must come from a nearer cache; the sums are cut where they are anyway.
        if (channels + outChannels <= FewWinogradChannels) range = Math.Min(range, GemmBlocking.Depth);
        int panels = kernel.Panels(outChannels);
        nint gradientPointStride = (nint)panels * kernel.Columns * range + 16;
        int rowsPerItem = Math.Min(GemmBlocking.Rows, kernel.RoundRows(channels));
        // The channels of one item lie together, so that its part of V is read from end to end.
        nint inputBlockStride = (nint)range * rowsPerItem, inputPointStride = (channels + rowsPerItem - 1) / rowsPerItem * inputBlockStride + 16;
        nint productPointStride = (nint)channels * outChannels + 16;

        using Borrowed v = _memory.Borrow(36 * (long)inputPointStride), y = _memory.Borrow(36 * (long)gradientPointStride);
        using Borrowed products = _memory.Borrow(36 * (long)productPointStride);
        var inputJob = new WinogradInputJob
        {
            Kernel = transforms, Grid = WinogradGrid(x, fold, geometry.PadHeight, geometry.PadWidth, tilesHigh, tilesWide),
            Fold = fold, SegmentLength = rowsPerItem, PointStride = inputPointStride, SegmentStride = inputBlockStride,
            TileStride = rowsPerItem, V = v.Pointer,
        };
        var gradientJob = new WinogradGradientJob
        {
            Kernel = transforms,
            Grid = new PatchGrid
            {
                Map = Pointer(dy), Height = dy.Shape.Height, Width = dy.Shape.Width, Channels = outChannels, GroupChannels = outChannels,
                GridHeight = tilesHigh, GridWidth = tilesWide, KernelHeight = 4, KernelWidth = 4, StrideHeight = 4, StrideWidth = 4,
            },
            Width = kernel.Columns,
            PointStride = gradientPointStride,
            Panels = y.Pointer,
        };
        var product = new WinogradGradientProductJob
        {
            Kernel = kernel, RowsPerItem = rowsPerItem, Channels = channels, OutChannels = outChannels,
            InputPointStride = inputPointStride, InputBlockStride = inputBlockStride, GradientPointStride = gradientPointStride,
            ProductPointStride = productPointStride, V = v.Pointer, Y = y.Pointer, Products = products.Pointer,
            BiasGradient = dBias,
        };
        using Borrowed scratch = _memory.Borrow(Math.Max(WinogradGradientProductJob.ScratchLength, Math.Max(inputJob.ScratchLength, gradientJob.ScratchLength)) * _workers.Threads);
        inputJob.Scratch = gradientJob.Scratch = product.Scratch = scratch.Pointer;
        for (int first = 0; first < tiles; first += range)
        {
            int count = Math.Min(range, tiles - first);
            inputJob.FirstTile = gradientJob.FirstTile = first;
            inputJob.Tiles = inputJob.PaddedTiles = gradientJob.Tiles = product.Tiles = count;
            product.First = first == 0;
            _workers.Run(inputJob);
            _workers.Run(gradientJob);
            _workers.Run(product);
        }
        _workers.Run(new WinogradWeightGradientJob { Kernel = transforms, Gradient = gradient, PointStride = productPointStride, Products = products.Pointer });
    }

    private PatchGrid WinogradGrid(Tensor map, int fold, int padHeight, int padWidth, int tilesHigh, int tilesWide) => new()
    {
        Map = Pointer(map), Height = map.Shape.Height, Width = map.Shape.Width, Channels = map.Shape.Channels,
        GroupChannels = map.Shape.Channels, GridHeight = tilesHigh, GridWidth = tilesWide, KernelHeight = 6 * fold,
        KernelWidth = 6 * fold, StrideHeight = 4 * fold, StrideWidth = 4 * fold, PadHeight = padHeight, PadWidth = padWidth,
    };

    // Ranges of equal length.
    private static int TilesOfRange(int tiles, int floatsPerPoint)
    {
        int most = Math.Max(FewestTilesOfRange, WinogradRangeLength / (36 * floatsPerPoint));
        int ranges = (tiles + most - 1) / most;
        return (tiles + ranges - 1) / ranges;
    }
}
