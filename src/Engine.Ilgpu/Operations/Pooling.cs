using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, PoolExtents>> _maxPool = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, PoolExtents>> _maxPoolBack = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PoolExtents>> _averagePool = new(), _averagePoolBack = new();

    protected override void RunMaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(x.Shape.Channels, x, y) && (argmax?.Offset ?? 0) % 4 == 0;
        ElementKernel(_maxPool, four, nameof(MaxPoolForward), static four => four ? PoolKernels.MaxForward<Winners4> : PoolKernels.MaxForward<Winner>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, ExtentOf(x.Shape, y.Shape, geometry, default, four));
    }

    protected override void RunMaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        bool four = Fours(dx.Shape.Channels, dy, dx) && argmax.Offset % 4 == 0;
        ElementKernel(_maxPoolBack, four, nameof(MaxPoolBackward), static four => four ? PoolKernels.MaxBackward<Four> : PoolKernels.MaxBackward<One>)
            (_stream, Packs(four, Count(dx.Shape)), View(dy), View(argmax), View(dx), BackwardExtentOf(dx.Shape, dy.Shape, geometry, default, four));
    }

    protected override void RunAveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(x.Shape.Channels, x, y);
        ElementKernel(_averagePool, four, nameof(AveragePoolForward), static four => four ? PoolKernels.AverageForward<Four> : PoolKernels.AverageForward<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y), ExtentOf(x.Shape, y.Shape, geometry, divisor, four));
    }

    protected override void RunAveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        bool four = Fours(dx.Shape.Channels, dy, dx);
        ElementKernel(_averagePoolBack, four, nameof(AveragePoolBackward), static four => four ? PoolKernels.AverageBackward<Four> : PoolKernels.AverageBackward<One>)
            (_stream, Packs(four, Count(dx.Shape)), View(dy), View(dx), BackwardExtentOf(dx.Shape, dy.Shape, geometry, divisor, four));
    }

    internal static PoolExtents ExtentOf(Shape x, Shape y, PoolGeometry geometry, AveragePoolDivisor divisor, bool four) => new()
    {
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        OutHeight = y.Height,
        OutWidth = y.Width,
        KernelHeight = geometry.KernelHeight,
        KernelWidth = geometry.KernelWidth,
        StrideHeight = geometry.StrideHeight,
        StrideWidth = geometry.StrideWidth,
        PadHeight = geometry.PadHeight,
        PadWidth = geometry.PadWidth,
        PadBottom = geometry.PadBottom,
        PadRight = geometry.PadRight,
        CountPadding = divisor == AveragePoolDivisor.Padded ? 1 : 0,
        ByPacks = FastDivisor.Of(Packs(four, x.Channels)),
        ByColumns = FastDivisor.Of(y.Width),
        ByRows = FastDivisor.Of(y.Height),
        ByStrideHeight = FastDivisor.Of(geometry.StrideHeight),
        ByStrideWidth = FastDivisor.Of(geometry.StrideWidth),
    };

    // The backward passes have their threads on the input.
    internal static PoolExtents BackwardExtentOf(Shape x, Shape y, PoolGeometry geometry, AveragePoolDivisor divisor, bool four) =>
        ExtentOf(x, y, geometry, divisor, four) with { ByColumns = FastDivisor.Of(x.Width), ByRows = FastDivisor.Of(x.Height) };
}

/// <summary>The extents of a pooling.</summary>
internal struct PoolExtents
{
    public int Height, Width, Channels, OutHeight, OutWidth;
    public int KernelHeight, KernelWidth, StrideHeight, StrideWidth, PadHeight, PadWidth, PadBottom, PadRight;

    /// <summary>Whether an average counts the padding (Caffe's divisor).</summary>
    public int CountPadding;

    /// <summary>Packs of channels; rows and columns of the map that a launch has its threads on.</summary>
    public FastDivisor ByPacks, ByColumns, ByRows;

    public FastDivisor ByStrideHeight, ByStrideWidth;
}

/// <summary>The windows that hold an element of the map.</summary>
internal struct PoolWindows
{
    public int FirstRow, LastRow, FirstColumn, LastColumn;
}

/// <summary>Max and average pooling; one thread a pack of channels of an output forward, of an input backward, gathering.</summary>
internal static class PoolKernels
{
    public static void MaxForward<TWinners>(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, PoolExtents e)
        where TWinners : struct, IWinners<TWinners>
    {
        var (channel, outColumn, outRow, image) = Place(i, TWinners.Width, e);
        int top = outRow * e.StrideHeight - e.PadHeight, left = outColumn * e.StrideWidth - e.PadWidth;
        int bottom = Smaller(top + e.KernelHeight, e.Height), right = Smaller(left + e.KernelWidth, e.Width);
        top = top < 0 ? 0 : top;
        left = left < 0 ? 0 : left;
        TWinners best = TWinners.Start(top * e.Width + left);
        int map = image * e.Height * e.Width;
        for (int row = top; row < bottom; row++)
            for (int at = row * e.Width + left; at < row * e.Width + right; at++)
                best = best.Take(x, (map + at) * e.Channels + channel, at);
        best.Store(y, argmax, keepArgmax, i * TWinners.Width);
    }

    public static void MaxBackward<TPack>(Index1D i, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, PoolExtents e)
        where TPack : unmanaged, IPack<TPack>
    {
        var (channel, column, row, image) = Place(i, TPack.Width, e);
        int me = row * e.Width + column;
        PoolWindows holding = Holding(row, column, e);
        TPack sum = TPack.All(0);
        for (int outRow = holding.FirstRow; outRow <= holding.LastRow; outRow++)
        {
            int line = (image * e.OutHeight + outRow) * e.OutWidth;
            for (int outColumn = holding.FirstColumn; outColumn <= holding.LastColumn; outColumn++)
                sum += TPack.LoadWhere(dy, argmax, (line + outColumn) * e.Channels + channel, me);
        }
        sum.Store(dx, i * TPack.Width);
    }

    public static void AverageForward<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> y, PoolExtents e)
        where TPack : unmanaged, IPack<TPack>
    {
        var (channel, outColumn, outRow, image) = Place(i, TPack.Width, e);
        int top = outRow * e.StrideHeight - e.PadHeight, left = outColumn * e.StrideWidth - e.PadWidth;
        int bottom = Smaller(top + e.KernelHeight, e.Height), right = Smaller(left + e.KernelWidth, e.Width);
        TPack divisor = TPack.All(Divisor(outRow, outColumn, e));
        top = top < 0 ? 0 : top;
        left = left < 0 ? 0 : left;
        TPack sum = TPack.All(0);
        for (int row = top; row < bottom; row++)
            for (int column = left; column < right; column++)
                sum += TPack.Load(x, ((image * e.Height + row) * e.Width + column) * e.Channels + channel);
        (sum / divisor).Store(y, i * TPack.Width);
    }

    public static void AverageBackward<TPack>(Index1D i, ArrayView<float> dy, ArrayView<float> dx, PoolExtents e)
        where TPack : unmanaged, IPack<TPack>
    {
        var (channel, column, row, image) = Place(i, TPack.Width, e);
        PoolWindows holding = Holding(row, column, e);
        TPack sum = TPack.All(0);
        for (int outRow = holding.FirstRow; outRow <= holding.LastRow; outRow++)
        {
            int line = (image * e.OutHeight + outRow) * e.OutWidth;
            for (int outColumn = holding.FirstColumn; outColumn <= holding.LastColumn; outColumn++)
                sum += TPack.Load(dy, (line + outColumn) * e.Channels + channel) / TPack.All(Divisor(outRow, outColumn, e));
        }
        sum.Store(dx, i * TPack.Width);
    }

    // First channel, column, row and image of a thread's pack.
    private static (int Channel, int Column, int Row, int Image) Place(int i, int width, PoolExtents e)
    {
        int place = e.ByPacks.Divide(i), line = e.ByColumns.Divide(place), image = e.ByRows.Divide(line);
        return ((i - place * e.ByPacks.Divisor) * width, place - line * e.ByColumns.Divisor, line - image * e.ByRows.Divisor, image);
    }

    // Elements of a window that lie on the map or, by Caffe's rule, on the padded map.
    private static float Divisor(int outRow, int outColumn, PoolExtents e)
    {
        int top = outRow * e.StrideHeight - e.PadHeight, left = outColumn * e.StrideWidth - e.PadWidth;
        if (e.CountPadding != 0)
            return (Smaller(top + e.KernelHeight, e.Height + e.PadBottom) - top) * (Smaller(left + e.KernelWidth, e.Width + e.PadRight) - left);
        int bottom = Smaller(top + e.KernelHeight, e.Height), right = Smaller(left + e.KernelWidth, e.Width);
        return (bottom - (top < 0 ? 0 : top)) * (right - (left < 0 ? 0 : left));
    }

    private static int Smaller(int a, int b) => a < b ? a : b;

    private static PoolWindows Holding(int row, int column, PoolExtents e)
    {
        int y = row + e.PadHeight, x = column + e.PadWidth;
        return new PoolWindows
        {
            FirstRow = FirstWindow(y, e.KernelHeight, e.ByStrideHeight), LastRow = LastWindow(y, e.ByStrideHeight, e.OutHeight),
            FirstColumn = FirstWindow(x, e.KernelWidth, e.ByStrideWidth), LastColumn = LastWindow(x, e.ByStrideWidth, e.OutWidth),
        };
    }

    // The windows that hold a padded coordinate: ⌈(at − kernel + 1) / stride⌉ to ⌊at / stride⌋.
    private static int FirstWindow(int at, int kernel, FastDivisor stride) => at < kernel ? 0 : stride.Divide(at - kernel) + 1;

    private static int LastWindow(int at, FastDivisor stride, int windows) => Smaller(stride.Divide(at), windows - 1);
}
