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
}

/// <summary>Max and average pooling; one thread an output forward, one an input backward, gathering.</summary>
internal static class PoolKernels
{
    public static void MaxForward(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, int keepArgmax, PoolExtents e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int outColumn = place % e.OutWidth, line = place / e.OutWidth;
        int outRow = line % e.OutHeight, image = line / e.OutHeight;
        int top = outRow * e.StrideHeight - e.PadHeight, left = outColumn * e.StrideWidth - e.PadWidth;
        int bottom = Smaller(top + e.KernelHeight, e.Height), right = Smaller(left + e.KernelWidth, e.Width);
        top = top < 0 ? 0 : top;
        left = left < 0 ? 0 : left;
        float best = float.NegativeInfinity;
        int winner = top * e.Width + left;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                int at = row * e.Width + column;
                float value = x[(image * e.Height * e.Width + at) * e.Channels + channel];
                if (!float.IsNaN(best) && (value > best || float.IsNaN(value)))
                {
                    best = value;
                    winner = at;
                }
            }
        }
        y[i] = best;
        if (keepArgmax != 0) argmax[i] = winner;
    }

    public static void MaxBackward(Index1D i, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, PoolExtents e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int column = place % e.Width, line = place / e.Width;
        int row = line % e.Height, image = line / e.Height;
        int me = row * e.Width + column;
        int lastRow = LastWindow(row + e.PadHeight, e.StrideHeight, e.OutHeight);
        int lastColumn = LastWindow(column + e.PadWidth, e.StrideWidth, e.OutWidth);
        float sum = 0;
        for (int outRow = FirstWindow(row + e.PadHeight, e.KernelHeight, e.StrideHeight); outRow <= lastRow; outRow++)
        {
            for (int outColumn = FirstWindow(column + e.PadWidth, e.KernelWidth, e.StrideWidth); outColumn <= lastColumn; outColumn++)
            {
                int at = ((image * e.OutHeight + outRow) * e.OutWidth + outColumn) * e.Channels + channel;
                if (argmax[at] == me) sum += dy[at];
            }
        }
        dx[i] = sum;
    }

    public static void AverageForward(Index1D i, ArrayView<float> x, ArrayView<float> y, PoolExtents e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int outColumn = place % e.OutWidth, line = place / e.OutWidth;
        int outRow = line % e.OutHeight, image = line / e.OutHeight;
        int top = outRow * e.StrideHeight - e.PadHeight, left = outColumn * e.StrideWidth - e.PadWidth;
        int bottom = Smaller(top + e.KernelHeight, e.Height), right = Smaller(left + e.KernelWidth, e.Width);
        float divisor = Divisor(outRow, outColumn, e);
        top = top < 0 ? 0 : top;
        left = left < 0 ? 0 : left;
        float sum = 0;
        for (int row = top; row < bottom; row++)
            for (int column = left; column < right; column++)
                sum += x[((image * e.Height + row) * e.Width + column) * e.Channels + channel];
        y[i] = sum / divisor;
    }

    public static void AverageBackward(Index1D i, ArrayView<float> dy, ArrayView<float> dx, PoolExtents e)
    {
        int channel = i % e.Channels, place = i / e.Channels;
        int column = place % e.Width, line = place / e.Width;
        int row = line % e.Height, image = line / e.Height;
        int lastRow = LastWindow(row + e.PadHeight, e.StrideHeight, e.OutHeight);
        int lastColumn = LastWindow(column + e.PadWidth, e.StrideWidth, e.OutWidth);
        float sum = 0;
        for (int outRow = FirstWindow(row + e.PadHeight, e.KernelHeight, e.StrideHeight); outRow <= lastRow; outRow++)
            for (int outColumn = FirstWindow(column + e.PadWidth, e.KernelWidth, e.StrideWidth); outColumn <= lastColumn; outColumn++)
                sum += dy[((image * e.OutHeight + outRow) * e.OutWidth + outColumn) * e.Channels + channel] / Divisor(outRow, outColumn, e);
        dx[i] = sum;
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
    private static int FirstWindow(int at, int kernel, int stride) => at < kernel ? 0 : (at - kernel) / stride + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LastWindow(int at, int stride, int windows) => Smaller(at / stride, windows - 1);
}
