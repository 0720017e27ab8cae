using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// Maps and windows (in WindowPyramid.cs) are pooled in one pass for all levels where the bins fit into shared memory (64 and fewer), by one
/// thread a bin and channel otherwise. Backward passes gather, so that their sums have a fixed order.
/// </remarks>
internal sealed partial class IlgpuBackend
{
    /// <summary>Map sizes whose geometry is kept: detection has another size for nearly every image.</summary>
    internal const int LargestTableCount = 64;

    private readonly Dictionary<(Pyramid Pyramid, int Height, int Width), PyramidTables> _tables = [];
    private long _tableUses;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidShared;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidDirect;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidBackShared;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidBackDirect;

    protected override void RunPyramidForward(Tensor x, Tensor y, Tensor<int>? argmax, Pyramid pyramid)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        PyramidTables tables = TablesOf(pyramid, x.Shape);
        PyramidExtent extent = ExtentOf(x.Shape, pyramid);
        if (pyramid.Bins <= PyramidKernels.SharedBins)
        {
            GroupKernel(ref _pyramidShared, nameof(PyramidForward), static () => PyramidKernels.ForwardShared)
                (_stream, MapGroups(x.Shape), View(x), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, View(tables.Levels), View(tables.Bins), extent);
            return;
        }
        ElementKernel(ref _pyramidDirect, nameof(PyramidForward), static () => PyramidKernels.ForwardDirect)
            (_stream, Count(y.Shape), View(x), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, View(tables.Levels), View(tables.Bins), extent);
    }

    protected override void RunPyramidBackward(Tensor dy, Tensor<int> argmax, Tensor dx, Pyramid pyramid)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        PyramidTables tables = TablesOf(pyramid, dx.Shape);
        PyramidExtent extent = ExtentOf(dx.Shape, pyramid);
        if (pyramid.Bins <= PyramidKernels.SharedBins)
        {
            GroupKernel(ref _pyramidBackShared, nameof(PyramidBackward), static () => PyramidKernels.BackwardShared)
                (_stream, MapGroups(dx.Shape), View(dy), View(argmax), View(dx), View(tables.Levels), View(tables.Spans), extent);
            return;
        }
        ElementKernel(ref _pyramidBackDirect, nameof(PyramidBackward), static () => PyramidKernels.BackwardDirect)
            (_stream, Count(dx.Shape), View(dy), View(argmax), View(dx), View(tables.Levels), View(tables.Spans), extent);
    }

    private KernelConfig MapGroups(Shape map) => new(new Index3D(ChannelBlocks(map), map.Batch, 1), new Index3D(GroupThreads, 1, 1));

    private static int ChannelBlocks(Shape map) => (map.Channels + PyramidKernels.Lanes - 1) / PyramidKernels.Lanes;

    private PyramidTables TablesOf(Pyramid pyramid, Shape map)
    {
        var key = (pyramid, map.Height, map.Width);
        if (_tables.TryGetValue(key, out PyramidTables? tables))
        {
            tables.LastUse = ++_tableUses;
            return tables;
        }
        if (_tables.Count == LargestTableCount) DropOldestTable();
        tables = new PyramidTables(
            Constant(PyramidTables.LevelTable(pyramid)),
            Constant(PyramidTables.BinTable(pyramid, map.Height, map.Width)),
            Constant(PyramidTables.SpanTable(pyramid, map.Height, map.Width)));
        tables.LastUse = ++_tableUses;
        _tables.Add(key, tables);
        return tables;
    }

    // Kernels that still read the tables are ahead in the stream of whatever takes their memory next.
    private void DropOldestTable()
    {
        var oldest = _tables.MinBy(entry => entry.Value.LastUse);
        oldest.Value.Dispose();
        _tables.Remove(oldest.Key);
    }

    private Tensor<int> Constant(int[] values)
    {
        Tensor<int> tensor = Allocate<int>(new Shape(values.Length));
        Upload(values, tensor);
        return tensor;
    }

    private void DisposeTables()
    {
        foreach (PyramidTables tables in _tables.Values) tables.Dispose();
        _tables.Clear();
    }

    private static PyramidExtent ExtentOf(Shape map, Pyramid pyramid) => new()
    {
        Height = map.Height,
        Width = map.Width,
        Channels = map.Channels,
        Levels = pyramid.Levels.Length,
        Bins = pyramid.Bins,
        ByWidth = FastDivisor.Of(map.Width),
        Steps = 1 + Enumerable.Range(0, pyramid.Levels.Length).Max(level => PyramidTables.StepsTo(pyramid, level)),
    };
}

/// <summary>The extents of a pyramid pooling.</summary>
internal struct PyramidExtent
{
    public int Height, Width, Channels;

    /// <summary>Number of levels, and bins of all levels together.</summary>
    public int Levels, Bins;

    /// <summary>Columns of the map.</summary>
    public FastDivisor ByWidth;

    /// <summary>For windows: steps from the map to the level that is told last.</summary>
    public int Steps;
}

/// <summary>
/// Spatial pyramid pooling. The pyramid's geometry over a map comes as tables, made once for each map size:
/// <list type="bullet">
/// <item>levels: for each <see cref="LevelFields"/> numbers: bins of the levels before, bins along a side, the next finer level
/// whose side is a multiple (−1: none), in how many steps windows tell it from the map, and a division by its bins;</item>
/// <item>bins: for each <see cref="BinFields"/> numbers: top, bottom, left, right, level, place in the level, and the
/// finer level, first row, first column and side of the block of finer bins that cover it exactly (level −1: none);</item>
/// <item>spans: for each level and row of the map the first and last bin row that holds it, then the same for columns.</item>
/// </list>
/// </summary>
internal static partial class PyramidKernels
{
    public const int BinFields = 10;

    /// <summary>Channels of a group in <see cref="ForwardShared"/>.</summary>
    public const int Lanes = 32;

    /// <summary>The most bins that <see cref="ForwardShared"/> holds in shared memory.</summary>
    public const int SharedBins = 64;

    public const int LevelFields = 7;

    private const int Pitch = Lanes + 1;

    /// <summary>
    /// One pass over the map for all levels: a group pools <see cref="Lanes"/> channels of one image. Bins that are unions
    /// of a finer level's bins ({6,3,2,1}: all but level 6) are told from those in shared memory; the results leave
    /// shared memory in the order of the output, so that the stores are contiguous. Grid: channel blocks, images.
    /// </summary>
    public static void ForwardShared(ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, ArrayView<int> bins, PyramidExtent e)
    {
        var values = SharedMemory.Allocate<float>(SharedBins * Pitch);
        var winners = SharedMemory.Allocate<int>(SharedBins * Pitch);
        int firstChannel = Grid.IdxX * Lanes, image = Grid.IdxY;
        int channels = e.Channels - firstChannel < Lanes ? e.Channels - firstChannel : Lanes;

        for (int work = Group.IdxX; work < e.Bins * Lanes; work += Group.DimX)
        {
            int bin = work / Lanes, lane = work % Lanes, at = bin * BinFields;
            if (lane >= channels || bins[at + 6] >= 0) continue;
            Pool<Winner>(x, image, firstChannel + lane, bins[at], bins[at + 1], bins[at + 2], bins[at + 3], e).Spread(values, winners, bin * Pitch + lane);
        }
        Group.Barrier();
        for (int work = Group.IdxX; work < e.Bins * Lanes; work += Group.DimX)
        {
            int bin = work / Lanes, lane = work % Lanes, at = bin * BinFields;
            int finer = bins[at + 6];
            if (lane >= channels || finer < 0) continue;
            int pitch = levels[finer * LevelFields + 1];
            Unite(values, winners, levels[finer * LevelFields] + bins[at + 7] * pitch + bins[at + 8], pitch, bins[at + 9], bin, lane);
        }
        Group.Barrier();
        StoreLevels(values, winners, y, argmax, keepArgmax, levels, image * e.Bins * e.Channels, firstChannel, channels, e);
    }

    /// <summary>One thread a bin and channel: pyramids with more bins than shared memory holds.</summary>
    public static void ForwardDirect(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, ArrayView<int> bins, PyramidExtent e)
    {
        int channel = i % e.Channels, rest = i / e.Channels;
        int bin = rest % e.Bins, image = rest / e.Bins;
        int at = bin * BinFields;
        int level = bins[at + 4], side = levels[level * LevelFields + 1];
        int to = (image * e.Bins + levels[level * LevelFields]) * e.Channels + channel * side * side + bins[at + 5];
        Pool<Winner>(x, image, channel, bins[at], bins[at + 1], bins[at + 2], bins[at + 3], e).Store(y, argmax, keepArgmax, to);
    }

    /// <summary>
    /// Gathers, for <see cref="Lanes"/> channels of one image, from winners and gradients in shared memory, where they come in the
    /// order in which they lie in memory. Grid: channel blocks, images.
    /// </summary>
    public static void BackwardShared(ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, ArrayView<int> levels, ArrayView<int> spans, PyramidExtent e)
    {
        var values = SharedMemory.Allocate<float>(SharedBins * Pitch);
        var winners = SharedMemory.Allocate<int>(SharedBins * Pitch);
        int firstChannel = Grid.IdxX * Lanes, image = Grid.IdxY;
        int channels = e.Channels - firstChannel < Lanes ? e.Channels - firstChannel : Lanes;
        for (int level = 0; level < e.Levels; level++)
        {
            int before = levels[level * LevelFields];
            FastDivisor cells = FastDivisor.Read(levels, level * LevelFields + 4);
            int start = (image * e.Bins + before) * e.Channels + firstChannel * cells.Divisor;
            for (int work = Group.IdxX; work < cells.Divisor * channels; work += Group.DimX)
            {
                int lane = cells.Divide(work);
                int to = (before + work - lane * cells.Divisor) * Pitch + lane;
                values[to] = dy[start + work];
                winners[to] = argmax[start + work];
            }
        }
        Group.Barrier();
        for (int work = Group.IdxX; work < e.Height * e.Width * Lanes; work += Group.DimX)
        {
            int me = work / Lanes, lane = work % Lanes;
            if (lane >= channels) continue;
            int row = e.ByWidth.Divide(me), column = me - row * e.Width;
            float sum = 0;
            for (int level = 0; level < e.Levels; level++)
            {
                int before = levels[level * LevelFields], side = levels[level * LevelFields + 1];
                int span = 2 * level * (e.Height + e.Width);
                int lastRow = spans[span + 2 * row + 1];
                int atColumn = span + 2 * (e.Height + column);
                int firstColumn = spans[atColumn], lastColumn = spans[atColumn + 1];
                for (int r = spans[span + 2 * row]; r <= lastRow; r++)
                {
                    for (int c = firstColumn; c <= lastColumn; c++)
                    {
                        int at = (before + r * side + c) * Pitch + lane;
                        if (winners[at] == me) sum += values[at];
                    }
                }
            }
            dx[(image * e.Height * e.Width + me) * e.Channels + firstChannel + lane] = sum;
        }
    }

    /// <summary>One thread an element of the map: gathers from the bins that hold it; pyramids with more bins than shared memory holds.</summary>
    public static void BackwardDirect(Index1D i, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, ArrayView<int> levels, ArrayView<int> spans, PyramidExtent e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int column = place % e.Width, line = place / e.Width;
        int row = line % e.Height, image = line / e.Height;
        int me = row * e.Width + column;
        float sum = 0;
        for (int level = 0; level < e.Levels; level++)
        {
            int side = levels[level * LevelFields + 1];
            int start = (image * e.Bins + levels[level * LevelFields]) * e.Channels + channel * side * side;
            int span = 2 * level * (e.Height + e.Width);
            int lastRow = spans[span + 2 * row + 1];
            int atColumn = span + 2 * (e.Height + column);
            int lastColumn = spans[atColumn + 1];
            for (int r = spans[span + 2 * row]; r <= lastRow; r++)
            {
                for (int c = spans[atColumn]; c <= lastColumn; c++)
                {
                    int at = start + r * side + c;
                    if (argmax[at] == me) sum += dy[at];
                }
            }
        }
        dx[i] = sum;
    }

    // The largest of a block of finer bins that are in shared memory.
    private static void Unite(ArrayView<float> values, ArrayView<int> winners, int first, int pitch, int parts, int bin, int lane)
    {
        float best = float.NegativeInfinity;
        int winner = int.MaxValue;
        for (int row = 0; row < parts; row++)
        {
            for (int column = 0; column < parts; column++)
            {
                int from = (first + row * pitch + column) * Pitch + lane;
                float value = values[from];
                int place = winners[from];
                // Among equals the first element of the map wins, as in a pass over the map.
                bool earlier = place < winner;
                bool wins = !float.IsNaN(best) & (value > best | float.IsNaN(value) | value == best & earlier) | float.IsNaN(value) & earlier;
                if (wins)
                {
                    best = value;
                    winner = place;
                }
            }
        }
        values[bin * Pitch + lane] = best;
        winners[bin * Pitch + lane] = winner;
    }

    // The winners of one bin.
    private static TWinners Pool<TWinners>(ArrayView<float> x, int image, int channel, int top, int bottom, int left, int right, PyramidExtent e)
        where TWinners : struct, IWinners<TWinners>
    {
        TWinners best = TWinners.Start(top * e.Width + left);
        int line = (image * e.Height + top) * e.Width * e.Channels + channel;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++) best = best.Take(x, line + column * e.Channels, row * e.Width + column);
            line += e.Width * e.Channels;
        }
        return best;
    }

    // What stands in shared memory goes out in the order of the output.
    private static void StoreLevels(ArrayView<float> values, ArrayView<int> winners, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, int start, int firstChannel, int channels, PyramidExtent e)
    {
        for (int level = 0; level < e.Levels; level++)
        {
            int before = levels[level * LevelFields];
            FastDivisor cells = FastDivisor.Read(levels, level * LevelFields + 4);
            int to = start + before * e.Channels + firstChannel * cells.Divisor;
            for (int work = Group.IdxX; work < cells.Divisor * channels; work += Group.DimX)
            {
                int lane = cells.Divide(work);
                int from = (before + work - lane * cells.Divisor) * Pitch + lane;
                y[to + work] = values[from];
                if (keepArgmax != 0) argmax[to + work] = winners[from];
            }
        }
    }
}
