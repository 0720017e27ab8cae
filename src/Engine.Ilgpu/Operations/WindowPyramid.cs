using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, int, PyramidExtent>> _windowPyramidShared = new();
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, int, PyramidExtent>? _windowPyramid;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, int, PyramidExtent>? _windowPyramidBack;

    protected override void RunWindowPyramidForward(Tensor x, Tensor<int> windows, Tensor y, Tensor<int>? argmax, Pyramid pyramid)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        PyramidTables tables = TablesOf(pyramid, x.Shape);
        if (pyramid.Bins <= PyramidKernels.SharedBins)
        {
            bool four = Fours(x.Shape.Channels, x);
            var config = new KernelConfig(new Index3D(windows.Shape.Batch, ChannelBlocks(x.Shape), 1), new Index3D(WindowThreads(pyramid, four), 1, 1));
            GroupKernel(_windowPyramidShared, four, nameof(WindowPyramidForward), static four => four ? PyramidKernels.WindowForwardShared<Winners4> : PyramidKernels.WindowForwardShared<Winner>)
                (_stream, config, View(x), View(windows), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, View(tables.Levels), x.Shape.Batch, ExtentOf(x.Shape, pyramid));
            return;
        }
        ElementKernel(ref _windowPyramid, nameof(WindowPyramidForward), static () => PyramidKernels.WindowForwardDirect)
            (_stream, Count(y.Shape), View(x), View(windows), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, View(tables.Levels), x.Shape.Batch, ExtentOf(x.Shape, pyramid));
    }

    protected override void RunWindowPyramidBackward(Tensor dy, Tensor<int> windows, Tensor<int> argmax, Tensor dx, Pyramid pyramid)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        if (dy.Count == 0)
        {
            RunFill(dx, 0);
            return;
        }
        PyramidTables tables = TablesOf(pyramid, dx.Shape);
        ElementKernel(ref _windowPyramidBack, nameof(WindowPyramidBackward), static () => PyramidKernels.WindowBackward)
            (_stream, Count(dx.Shape), View(dy), View(windows), View(argmax), View(dx), View(tables.Levels), dx.Shape.Batch, windows.Shape.Batch, ExtentOf(dx.Shape, pyramid));
    }

    // Whole warps, of which as few as possible idle while the bins of the map are pooled: 96 for {6,3,2,1} by fours.
    private int WindowThreads(Pyramid pyramid, bool four)
    {
        if (GroupThreads < 96) return GroupThreads;
        int work = 0;
        for (int l = 0; l < pyramid.Levels.Length; l++)
            if (PyramidTables.StepsTo(pyramid, l) == 0) work += pyramid.Levels[l] * pyramid.Levels[l] * Packs(four, PyramidKernels.Lanes);
        int best = 96;
        for (int threads = 96; threads <= GroupThreads; threads += 32)
            if ((work + threads - 1) / threads * threads < (work + best - 1) / best * best) best = threads;
        return best;
    }
}

/// <remarks>Windows; by the adaptive rule alone.</remarks>
internal static partial class PyramidKernels
{
    /// <summary>
    /// A group pools <see cref="Lanes"/> channels of one window, the finest levels from the map, a pack of channels a thread;
    /// the others are told from those: bins ⌊b·a/n⌋ to ⌈(b+1)·a/n⌉ of a level are unions of those of any multiple of n.
    /// Grid: windows, channel blocks.
    /// </summary>
    public static void WindowForwardShared<TWinners>(ArrayView<float> x, ArrayView<int> windows, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, int images, PyramidExtent e)
        where TWinners : struct, IWinners<TWinners>
    {
        var values = SharedMemory.Allocate<float>(SharedBins * Pitch);
        var winners = SharedMemory.Allocate<int>(SharedBins * Pitch);
        var bounds = SharedMemory.Allocate<int>(SharedBins * 4);
        int firstChannel = Grid.IdxY * Lanes;
        int channels = e.Channels - firstChannel < Lanes ? e.Channels - firstChannel : Lanes;
        Window w = Read(windows, Grid.IdxX, images, e.Height, e.Width);

        // Rows and columns of the map's bins; of the others the first of the finer bins, their pitch and how many along a side.
        for (int bin = Group.IdxX; bin < e.Bins; bin += Group.DimX)
        {
            int level = 0;
            while (level + 1 < e.Levels && bin >= levels[(level + 1) * LevelFields]) level++;
            int at = level * LevelFields, inside = bin - levels[at], side = levels[at + 1], finer = levels[at + 2];
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
                int pitch = levels[finer * LevelFields + 1], parts = pitch / side;
                bounds[4 * bin] = levels[finer * LevelFields] + (row * pitch + column) * parts;
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
                int before = levels[level * LevelFields], cells = levels[level * LevelFields + 1] * levels[level * LevelFields + 1];
                if (levels[level * LevelFields + 3] != step) continue;
                if (step == 0)
                {
                    for (int work = Group.IdxX; work < cells * packs; work += Group.DimX)
                    {
                        int bin = before + work / packs, lane = work % packs * TWinners.Width;
                        if (lane >= channels) continue;
                        Pool<TWinners>(x, w.Image, firstChannel + lane, bounds[4 * bin], bounds[4 * bin + 1], bounds[4 * bin + 2], bounds[4 * bin + 3], e)
                            .Spread(values, winners, bin * Pitch + lane);
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
        StoreLevels(values, winners, y, argmax, keepArgmax, levels, Grid.IdxX * e.Bins * e.Channels, firstChannel, channels, e);
    }

    /// <summary>One thread a window, bin and channel: pyramids with more bins than shared memory holds.</summary>
    public static void WindowForwardDirect(Index1D i, ArrayView<float> x, ArrayView<int> windows, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, ArrayView<int> levels, int images, PyramidExtent e)
    {
        int channel = i % e.Channels, rest = i / e.Channels;
        int bin = rest % e.Bins, window = rest / e.Bins;
        int level = 0;
        while (level + 1 < e.Levels && bin >= levels[(level + 1) * LevelFields]) level++;
        int before = levels[level * LevelFields], side = levels[level * LevelFields + 1];
        int inside = bin - before;
        Window w = Read(windows, window, images, e.Height, e.Width);
        int binRow = inside / side, binColumn = inside % side;
        int top = w.Top + binRow * w.Rows / side, bottom = w.Top + ((binRow + 1) * w.Rows + side - 1) / side;
        int left = w.Left + binColumn * w.Columns / side, right = w.Left + ((binColumn + 1) * w.Columns + side - 1) / side;
        int to = (window * e.Bins + before) * e.Channels + channel * side * side + inside;
        Pool<Winner>(x, w.Image, channel, top, bottom, left, right, e).Store(y, argmax, keepArgmax, to);
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
                int side = levels[level * LevelFields + 1];
                int start = (window * e.Bins + levels[level * LevelFields]) * e.Channels + channel * side * side;
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

    private static int Clamp(int value, int low, int high) => value < low ? low : value > high ? high : value;
}
