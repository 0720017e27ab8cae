using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// Maps and windows are pooled in one pass for all levels where the bins fit into shared memory (64 and fewer), by one
/// thread a bin and channel otherwise. Backward passes gather, so that their sums have a fixed order.
/// </remarks>
public sealed partial class IlgpuBackend
{
    /// <summary>Map sizes whose geometry is kept: detection has another size for nearly every image.</summary>
    internal const int LargestTableCount = 64;

    private readonly Dictionary<(Pyramid Pyramid, int Height, int Width), PyramidTables> _tables = [];
    private long _tableUses;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidShared;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidDirect;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidBackShared;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, ArrayView<int>, PyramidExtent>? _pyramidBackDirect;
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, int, PyramidExtent>> _windowPyramidShared = new();
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, ArrayView<int>, int, PyramidExtent>? _windowPyramid;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, int, PyramidExtent>? _windowPyramidBack;

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
                (_stream, MapGroups(dx.Shape), View(dy), View(argmax), View(dx), View(tables.Unions), View(tables.Spans), extent);
            return;
        }
        ElementKernel(ref _pyramidBackDirect, nameof(PyramidBackward), static () => PyramidKernels.BackwardDirect)
            (_stream, Count(dx.Shape), View(dy), View(argmax), View(dx), View(tables.Levels), View(tables.Spans), extent);
    }

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
                (_stream, config, View(x), View(windows), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, View(tables.Unions), x.Shape.Batch, ExtentOf(x.Shape, pyramid));
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

    private KernelConfig MapGroups(Shape map) => new(new Index3D(ChannelBlocks(map), map.Batch, 1), new Index3D(GroupThreads, 1, 1));

    private static int ChannelBlocks(Shape map) => (map.Channels + PyramidKernels.Lanes - 1) / PyramidKernels.Lanes;

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
            Constant(PyramidTables.SpanTable(pyramid, map.Height, map.Width)),
            Constant(PyramidTables.UnionTable(pyramid)));
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
