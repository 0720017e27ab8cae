using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The extents of a local response normalisation.</summary>
internal struct LrnExtent
{
    public int Height, Width, Channels, Radius;

    /// <summary>α / m with m the elements of a window.</summary>
    public float AlphaOverWindow;

    public float Beta, K;

    /// <summary>Packs of channels, columns and rows of the map.</summary>
    public FastDivisor ByPacks, ByColumns, ByRows;
}

/// <summary>Local response and batch normalisation, one thread a pack of channels; neighbours come from the cache.</summary>
internal static class NormKernels
{
    public static void LrnWithinForward<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, int keepScale, LrnExtent extent)
        where TPack : unmanaged, IPack<TPack>
    {
        TPack sum = TPack.All(0);
        LrnWindow w = WindowOf(i, TPack.Width, extent);
        for (int line = w.First; line <= w.Last; line += w.LinePitch)
        {
            for (int at = line; at <= line + w.Run; at += extent.Channels)
            {
                TPack value = TPack.Load(x, at);
                sum += value * value;
            }
        }
        TPack s = TPack.All(extent.K) + extent.AlphaOverWindow * sum;
        int me = i * TPack.Width;
        if (keepScale != 0) s.Store(scale, me);
        (TPack.Load(x, me) * NegativePower(s, extent.Beta)).Store(y, me);
    }

    public static void LrnWithinBackward<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, ArrayView<float> dy, ArrayView<float> dx, LrnExtent extent)
        where TPack : unmanaged, IPack<TPack>
    {
        TPack sum = TPack.All(0), one = TPack.All(1);
        LrnWindow w = WindowOf(i, TPack.Width, extent);
        // A reciprocal, as a card divides zeros, which rectifiers and poolings leave in most places, on the long way.
        for (int line = w.First; line <= w.Last; line += w.LinePitch)
            for (int at = line; at <= line + w.Run; at += extent.Channels)
                sum += TPack.Load(dy, at) * TPack.Load(y, at) * (one / TPack.Load(scale, at));
        int me = i * TPack.Width;
        TPack direct = TPack.Load(dy, me) * NegativePower(TPack.Load(scale, me), extent.Beta);
        (direct - 2 * extent.Beta * extent.AlphaOverWindow * TPack.Load(x, me) * sum).Store(dx, me);
    }

    public static void LrnAcrossForward(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, int keepScale, LrnExtent extent)
    {
        float sum = 0;
        int channel = i - extent.ByPacks.Divide(i) * extent.Channels;
        int first = channel < extent.Radius ? -channel : -extent.Radius;
        int last = channel + extent.Radius >= extent.Channels ? extent.Channels - 1 - channel : extent.Radius;
        for (int c = i + first; c <= i + last; c++) sum += x[c] * x[c];
        float s = extent.K + extent.AlphaOverWindow * sum;
        if (keepScale != 0) scale[i] = s;
        y[i] = x[i] * NegativePower(new One(s), extent.Beta).X;
    }

    public static void LrnAcrossBackward(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, ArrayView<float> dy, ArrayView<float> dx, LrnExtent extent)
    {
        float sum = 0;
        int channel = i - extent.ByPacks.Divide(i) * extent.Channels;
        int first = channel < extent.Radius ? -channel : -extent.Radius;
        int last = channel + extent.Radius >= extent.Channels ? extent.Channels - 1 - channel : extent.Radius;
        for (int c = i + first; c <= i + last; c++) sum += dy[c] * y[c] / scale[c];
        dx[i] = dy[i] * NegativePower(new One(scale[i]), extent.Beta).X - 2 * extent.Beta * extent.AlphaOverWindow * x[i] * sum;
    }

    /// <summary>y = x·factor + shift per channel, with factor and shift told from the statistics.</summary>
    public static void BatchNormApply<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> y, FastDivisor byPacks)
        where TPack : unmanaged, IPack<TPack>
    {
        int c = Channel(i, TPack.Width, byPacks), me = i * TPack.Width;
        TPack normal = (TPack.Load(x, me) - TPack.Load(mean, c)) * TPack.Load(invStd, c);
        (TPack.Load(gamma, c) * normal + TPack.Load(beta, c)).Store(y, me);
    }

    public static void BatchNormInference<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> mean, ArrayView<float> variance, ArrayView<float> y, FastDivisor byPacks, float epsilon)
        where TPack : unmanaged, IPack<TPack>
    {
        int c = Channel(i, TPack.Width, byPacks), me = i * TPack.Width;
        TPack normal = (TPack.Load(x, me) - TPack.Load(mean, c)) / TPack.Root(TPack.Load(variance, c) + TPack.All(epsilon));
        (TPack.Load(gamma, c) * normal + TPack.Load(beta, c)).Store(y, me);
    }

    /// <summary>1/√(variance + ε) and the running statistics, one thread a channel.</summary>
    public static void BatchNormStatistics(Index1D c, ArrayView<float> variance, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> runningMean, ArrayView<float> runningVariance, float unbias, float momentum, float epsilon)
    {
        float v = variance[c];
        invStd[c] = 1 / MathF.Sqrt(v + epsilon);
        runningMean[c] = (1 - momentum) * runningMean[c] + momentum * mean[c];
        runningVariance[c] = (1 - momentum) * runningVariance[c] + momentum * v * unbias;
    }

    /// <summary>dx = γ·invStd·(dy − Σdy/m − x̂·Σ(dy·x̂)/m). Sums: <c>[2, channels]</c>.</summary>
    public static void BatchNormInput<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> sums, ArrayView<float> gamma, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> dx, FastDivisor byPacks, float inverseRows)
        where TPack : unmanaged, IPack<TPack>
    {
        int c = Channel(i, TPack.Width, byPacks), me = i * TPack.Width, channels = byPacks.Divisor * TPack.Width;
        TPack normal = (TPack.Load(x, me) - TPack.Load(mean, c)) * TPack.Load(invStd, c);
        TPack inner = TPack.Load(dy, me) - inverseRows * TPack.Load(sums, c) - normal * (inverseRows * TPack.Load(sums, channels + c));
        (TPack.Load(gamma, c) * TPack.Load(invStd, c) * inner).Store(dx, me);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Channel(int i, int width, FastDivisor byPacks) => (i - byPacks.Divide(i) * byPacks.Divisor) * width;

    // s^-β. Krizhevsky's 3/4 takes two roots and a division in place of a logarithm and an exponential.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TPack NegativePower<TPack>(TPack s, float beta)
        where TPack : unmanaged, IPack<TPack>
    {
        if (beta != 0.75f) return TPack.Power(s, -beta);
        TPack root = TPack.Root(s);
        return TPack.All(1) / (root * TPack.Root(root));
    }

    /// <summary>Elements of a spatial window: lines from First to Last, a pitch apart, each a run of columns.</summary>
    private struct LrnWindow
    {
        public int First, Last, LinePitch, Run;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LrnWindow WindowOf(int i, int width, LrnExtent extent)
    {
        int pixel = extent.ByPacks.Divide(i), line = extent.ByColumns.Divide(pixel);
        int column = pixel - line * extent.Width, row = line - extent.ByRows.Divide(line) * extent.Height;
        int top = row < extent.Radius ? -row : -extent.Radius;
        int bottom = row + extent.Radius >= extent.Height ? extent.Height - 1 - row : extent.Radius;
        int left = column < extent.Radius ? -column : -extent.Radius;
        int right = column + extent.Radius >= extent.Width ? extent.Width - 1 - column : extent.Radius;
        int pitch = extent.Width * extent.Channels, me = i * width + left * extent.Channels;
        return new LrnWindow { First = me + top * pitch, Last = me + bottom * pitch, LinePitch = pitch, Run = (right - left) * extent.Channels };
    }
}
