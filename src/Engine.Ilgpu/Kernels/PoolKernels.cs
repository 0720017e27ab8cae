using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

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
        int lastRow = LastWindow(row + e.PadHeight, e.ByStrideHeight, e.OutHeight);
        int firstColumn = FirstWindow(column + e.PadWidth, e.KernelWidth, e.ByStrideWidth);
        int lastColumn = LastWindow(column + e.PadWidth, e.ByStrideWidth, e.OutWidth);
        TPack sum = TPack.All(0);
        for (int outRow = FirstWindow(row + e.PadHeight, e.KernelHeight, e.ByStrideHeight); outRow <= lastRow; outRow++)
        {
            int line = (image * e.OutHeight + outRow) * e.OutWidth;
            for (int outColumn = firstColumn; outColumn <= lastColumn; outColumn++)
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
        int lastRow = LastWindow(row + e.PadHeight, e.ByStrideHeight, e.OutHeight);
        int firstColumn = FirstWindow(column + e.PadWidth, e.KernelWidth, e.ByStrideWidth);
        int lastColumn = LastWindow(column + e.PadWidth, e.ByStrideWidth, e.OutWidth);
        TPack sum = TPack.All(0);
        for (int outRow = FirstWindow(row + e.PadHeight, e.KernelHeight, e.ByStrideHeight); outRow <= lastRow; outRow++)
        {
            int line = (image * e.OutHeight + outRow) * e.OutWidth;
            for (int outColumn = firstColumn; outColumn <= lastColumn; outColumn++)
                sum += TPack.Load(dy, (line + outColumn) * e.Channels + channel) / TPack.All(Divisor(outRow, outColumn, e));
        }
        sum.Store(dx, i * TPack.Width);
    }

    // First channel, column, row and image of a thread's pack.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Smaller(int a, int b) => a < b ? a : b;

    // The windows that hold a padded coordinate: ⌈(at − kernel + 1) / stride⌉ to ⌊at / stride⌋.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstWindow(int at, int kernel, FastDivisor stride) => at < kernel ? 0 : stride.Divide(at - kernel) + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LastWindow(int at, FastDivisor stride, int windows) => Smaller(stride.Divide(at), windows - 1);
}
