using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

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
/// <item>levels: for each (bins of the levels before, bins along a side);</item>
/// <item>bins: for each <see cref="BinFields"/> numbers: top, bottom, left, right, level, place in the level, and the
/// finer level, first row, first column and side of the block of finer bins that cover it exactly (level −1: none);</item>
/// <item>unions, for windows: for each level <see cref="UnionFields"/> numbers: bins before, bins along a side, the next finer
/// level whose side is a multiple (−1: none), in how many steps it is told from the map, and a division by the level's bins;</item>
/// <item>spans: for each level and row of the map the first and last bin row that holds it, then the same for columns.</item>
/// </list>
/// </summary>
internal static class PyramidKernels
{
    public const int BinFields = 10;

    /// <summary>Channels of a group in <see cref="ForwardShared"/>.</summary>
    public const int Lanes = 32;

    /// <summary>The most bins that <see cref="ForwardShared"/> holds in shared memory.</summary>
    public const int SharedBins = 64;

    public const int UnionFields = 7;

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
            PoolBin(x, image * e.Height * e.Width, firstChannel + lane, bins[at], bins[at + 1], bins[at + 2], bins[at + 3], e.Width, e.Channels,
                values, winners, bin * Pitch + lane);
        }
        Group.Barrier();
        for (int work = Group.IdxX; work < e.Bins * Lanes; work += Group.DimX)
        {
            int bin = work / Lanes, lane = work % Lanes, at = bin * BinFields;
            int finer = bins[at + 6];
            if (lane >= channels || finer < 0) continue;
            int pitch = levels[2 * finer + 1];
            Unite(values, winners, levels[2 * finer] + bins[at + 7] * pitch + bins[at + 8], pitch, bins[at + 9], bin, lane);
        }
        Group.Barrier();
        for (int level = 0; level < e.Levels; level++)
        {
            int before = levels[2 * level], side = levels[2 * level + 1];
            int cells = side * side;
            int start = image * e.Bins * e.Channels + before * e.Channels + firstChannel * cells;
            for (int work = Group.IdxX; work < cells * channels; work += Group.DimX)
            {
                int lane = work / cells;
                int from = (before + work - lane * cells) * Pitch + lane;
                y[start + work] = values[from];
                if (keepArgmax != 0) argmax[start + work] = winners[from];
            }
        }
    }

    /// <summary>One thread a bin and channel: pyramids with more bins than shared memory holds.</summary>
    public static void ForwardDirect(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, ArrayView<int> bins, PyramidExtent e)
    {
        int channel = i % e.Channels, rest = i / e.Channels;
        int bin = rest % e.Bins, image = rest / e.Bins;
        int at = bin * BinFields;
        int level = bins[at + 4], side = levels[2 * level + 1];
        int to = (image * e.Bins + levels[2 * level]) * e.Channels + channel * side * side + bins[at + 5];
        PoolBinTo(x, image * e.Height * e.Width, channel, bins[at], bins[at + 1], bins[at + 2], bins[at + 3], e.Width, e.Channels, y, argmax, keepArgmax, to);
    }

    /// <summary>
    /// Gathers, for <see cref="Lanes"/> channels of one image, from winners and gradients in shared memory, where they come in the
    /// order in which they lie in memory. Grid: channel blocks, images.
    /// </summary>
    public static void BackwardShared(ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, ArrayView<int> unions, ArrayView<int> spans, PyramidExtent e)
    {
        var values = SharedMemory.Allocate<float>(SharedBins * Pitch);
        var winners = SharedMemory.Allocate<int>(SharedBins * Pitch);
        int firstChannel = Grid.IdxX * Lanes, image = Grid.IdxY;
        int channels = e.Channels - firstChannel < Lanes ? e.Channels - firstChannel : Lanes;
        for (int level = 0; level < e.Levels; level++)
        {
            int before = unions[level * UnionFields];
            FastDivisor cells = FastDivisor.Read(unions, level * UnionFields + 4);
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
                int before = unions[level * UnionFields], side = unions[level * UnionFields + 1];
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
            int side = levels[2 * level + 1];
            int start = (image * e.Bins + levels[2 * level]) * e.Channels + channel * side * side;
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

    /// <summary>
    /// A group pools <see cref="Lanes"/> channels of one window, the finest levels from the map, a pack of channels a thread;
    /// the others are told from those: bins ⌊b·a/n⌋ to ⌈(b+1)·a/n⌉ of a level are unions of those of any multiple of n.
    /// Grid: windows, channel blocks.
    /// </summary>
    public static void WindowForwardShared<TWinners>(ArrayView<float> x, ArrayView<int> windows, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> unions, int images, PyramidExtent e)
        where TWinners : struct, IWinners<TWinners>
    {
        var values = SharedMemory.Allocate<float>(SharedBins * Pitch);
        var winners = SharedMemory.Allocate<int>(SharedBins * Pitch);
        var bounds = SharedMemory.Allocate<int>(SharedBins * 4);
        int firstChannel = Grid.IdxY * Lanes, start = Grid.IdxX * e.Bins * e.Channels;
        int channels = e.Channels - firstChannel < Lanes ? e.Channels - firstChannel : Lanes;
        Window w = Read(windows, Grid.IdxX, images, e.Height, e.Width);

        // Rows and columns of the map's bins; of the others the first of the finer bins, their pitch and how many along a side.
        for (int bin = Group.IdxX; bin < e.Bins; bin += Group.DimX)
        {
            int level = 0;
            while (level + 1 < e.Levels && bin >= unions[(level + 1) * UnionFields]) level++;
            int at = level * UnionFields, inside = bin - unions[at], side = unions[at + 1], finer = unions[at + 2];
            int row = inside / side, column = inside - row * side;
            if (finer < 0)
            {
                bounds[4 * bin] = w.Top + row * w.Rows / side;
                bounds[4 * bin + 1] = w.Top + ((row + 1) * w.Rows + side - 1) / side;
                bounds[4 * bin + 2] = w.Left + column * w.Columns / side;
                bounds[4 * bin + 3] = w.Left + ((column + 1) * w.Columns + side - 1) / side;
            }
            else
            {
                int pitch = unions[finer * UnionFields + 1], parts = pitch / side;
                bounds[4 * bin] = unions[finer * UnionFields] + (row * pitch + column) * parts;
                bounds[4 * bin + 1] = pitch;
                bounds[4 * bin + 2] = parts;
            }
        }
        Group.Barrier();
        int packs = Lanes / TWinners.Width;
        for (int step = 0; step < e.Steps; step++)
        {
            for (int level = 0; level < e.Levels; level++)
            {
                int before = unions[level * UnionFields], cells = unions[level * UnionFields + 1] * unions[level * UnionFields + 1];
                if (unions[level * UnionFields + 3] != step) continue;
                if (step == 0)
                {
                    for (int work = Group.IdxX; work < cells * packs; work += Group.DimX)
                    {
                        int bin = before + work / packs, lane = work % packs * TWinners.Width;
                        if (lane >= channels) continue;
                        int left = bounds[4 * bin + 2], right = bounds[4 * bin + 3], bottom = bounds[4 * bin + 1];
                        int line = (w.Image * e.Height + bounds[4 * bin]) * e.Width * e.Channels + firstChannel + lane;
                        TWinners best = TWinners.Start(bounds[4 * bin] * e.Width + left);
                        for (int row = bounds[4 * bin]; row < bottom; row++)
                        {
                            for (int column = left; column < right; column++)
                                best = best.Take(x, line + column * e.Channels, row * e.Width + column);
                            line += e.Width * e.Channels;
                        }
                        best.Spread(values, winners, bin * Pitch + lane);
                    }
                    continue;
                }
                for (int work = Group.IdxX; work < cells * Lanes; work += Group.DimX)
                {
                    int bin = before + work / Lanes, lane = work % Lanes;
                    if (lane < channels) Unite(values, winners, bounds[4 * bin], bounds[4 * bin + 1], bounds[4 * bin + 2], bin, lane);
                }
            }
            Group.Barrier();
        }
        for (int level = 0; level < e.Levels; level++)
        {
            int before = unions[level * UnionFields];
            FastDivisor cells = FastDivisor.Read(unions, level * UnionFields + 4);
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

    /// <summary>One thread a window, bin and channel: pyramids with more bins than shared memory holds.</summary>
    public static void WindowForwardDirect(Index1D i, ArrayView<float> x, ArrayView<int> windows, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, int images, PyramidExtent e)
    {
        int channel = i % e.Channels, rest = i / e.Channels;
        int bin = rest % e.Bins, window = rest / e.Bins;
        int level = 0;
        while (level + 1 < e.Levels && bin >= levels[2 * level + 2]) level++;
        int before = levels[2 * level], side = levels[2 * level + 1];
        int inside = bin - before;
        Window w = Read(windows, window, images, e.Height, e.Width);
        int binRow = inside / side, binColumn = inside % side;
        int top = w.Top + binRow * w.Rows / side, bottom = w.Top + ((binRow + 1) * w.Rows + side - 1) / side;
        int left = w.Left + binColumn * w.Columns / side, right = w.Left + ((binColumn + 1) * w.Columns + side - 1) / side;
        int to = (window * e.Bins + before) * e.Channels + channel * side * side + inside;
        PoolBinTo(x, w.Image * e.Height * e.Width, channel, top, bottom, left, right, e.Width, e.Channels, y, argmax, keepArgmax, to);
    }

    /// <summary>One thread an element of the map: gathers from the bins of all windows that hold it.</summary>
    public static void WindowBackward(Index1D i, ArrayView<float> dy, ArrayView<int> windows, ArrayView<int> argmax, ArrayView<float> dx, ArrayView<int> levels, int images, int windowCount, PyramidExtent e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int column = place % e.Width, line = place / e.Width;
        int row = line % e.Height, image = line / e.Height;
        int me = row * e.Width + column;
        float sum = 0;
        for (int window = 0; window < windowCount; window++)
        {
            Window w = Read(windows, window, images, e.Height, e.Width);
            int y = row - w.Top, x = column - w.Left;
            if (w.Image != image || y < 0 || y >= w.Rows || x < 0 || x >= w.Columns) continue;
            for (int level = 0; level < e.Levels; level++)
            {
                int side = levels[2 * level + 1];
                int start = (window * e.Bins + levels[2 * level]) * e.Channels + channel * side * side;
                // Bin b of n over a elements holds y where ⌊y·n/a⌋ ≤ b ≤ ⌈(y+1)·n/a⌉ − 1.
                int lastRow = ((y + 1) * side + w.Rows - 1) / w.Rows - 1;
                int lastColumn = ((x + 1) * side + w.Columns - 1) / w.Columns - 1;
                for (int r = y * side / w.Rows; r <= lastRow; r++)
                {
                    for (int c = x * side / w.Columns; c <= lastColumn; c++)
                    {
                        int at = start + r * side + c;
                        if (argmax[at] == me) sum += dy[at];
                    }
                }
            }
        }
        dx[i] = sum;
    }

    private struct Window
    {
        public int Image, Top, Left, Rows, Columns;
    }

    // A window clamped to the map, at least one element.
    private static Window Read(ArrayView<int> windows, int window, int images, int height, int width)
    {
        int at = 5 * window;
        int image = Clamp(windows[at], 0, images - 1);
        int top = Clamp(windows[at + 1], 0, height - 1), left = Clamp(windows[at + 2], 0, width - 1);
        int bottom = Clamp(windows[at + 3], top + 1, height), right = Clamp(windows[at + 4], left + 1, width);
        return new Window { Image = image, Top = top, Left = left, Rows = bottom - top, Columns = right - left };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Clamp(int value, int low, int high) => value < low ? low : value > high ? high : value;

    // The largest of a block of finer bins that are in shared memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PoolBin(ArrayView<float> x, int imageStart, int channel, int top, int bottom, int left, int right, int width, int channels,
        ArrayView<float> values, ArrayView<int> winners, int to)
    {
        float best = float.NegativeInfinity;
        int winner = top * width + left;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                int at = row * width + column;
                float value = x[(imageStart + at) * channels + channel];
                if ((value > best | float.IsNaN(value)) & !float.IsNaN(best))
                {
                    best = value;
                    winner = at;
                }
            }
        }
        values[to] = best;
        winners[to] = winner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PoolBinTo(ArrayView<float> x, int imageStart, int channel, int top, int bottom, int left, int right, int width, int channels,
        ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, int to)
    {
        float best = float.NegativeInfinity;
        int winner = top * width + left;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                int at = row * width + column;
                float value = x[(imageStart + at) * channels + channel];
                if ((value > best | float.IsNaN(value)) & !float.IsNaN(best))
                {
                    best = value;
                    winner = at;
                }
            }
        }
        y[to] = best;
        if (keepArgmax != 0) argmax[to] = winner;
    }
}
