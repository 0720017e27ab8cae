using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, LrnExtent>? _lrnAcross;
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, LrnExtent>> _lrnWithin = new();
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LrnExtent>? _lrnAcrossBack;
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LrnExtent>> _lrnWithinBack = new();
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>> _columnSquares = new();
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>> _normGradients = new();
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float, float>? _normStatistics;
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>> _normApply = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor, float>> _normInference = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor, float>> _normInput = new();

    protected override void RunLrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        if (geometry.Region == LrnRegion.AcrossChannels)
        {
            ElementKernel(ref _lrnAcross, nameof(LrnForward), static () => NormKernels.LrnAcrossForward)
                (_stream, Count(y.Shape), View(x), View(y), ViewOrUnused(scale), scale is null ? 0 : 1, ExtentOf(x.Shape, geometry, four: false));
            return;
        }
        bool four = Fours(x.Shape.Channels, x, y, scale);
        ElementKernel(_lrnWithin, four, nameof(LrnForward), static four => four ? NormKernels.LrnWithinForward<Four> : NormKernels.LrnWithinForward<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y), ViewOrUnused(scale), scale is null ? 0 : 1, ExtentOf(x.Shape, geometry, four));
    }

    protected override void RunLrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        if (geometry.Region == LrnRegion.AcrossChannels)
        {
            ElementKernel(ref _lrnAcrossBack, nameof(LrnBackward), static () => NormKernels.LrnAcrossBackward)
                (_stream, Count(dx.Shape), View(x), View(y), View(scale), View(dy), View(dx), ExtentOf(x.Shape, geometry, four: false));
            return;
        }
        bool four = Fours(x.Shape.Channels, x, y, scale, dy, dx);
        ElementKernel(_lrnWithinBack, four, nameof(LrnBackward), static four => four ? NormKernels.LrnWithinBackward<Four> : NormKernels.LrnWithinBackward<One>)
            (_stream, Packs(four, Count(dx.Shape)), View(x), View(y), View(scale), View(dy), View(dx), ExtentOf(x.Shape, geometry, four));
    }

    protected override void RunBatchNormForwardTraining(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor invStd, Tensor runningMean, Tensor runningVariance, float momentum, float epsilon)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels, rows = Count(x.Shape) / channels;
        var (runs, runRows) = RunsOf(rows, channels);
        using Tensor partials = Allocate(new Shape(runs, channels)), variance = Allocate(new Shape(channels));
        PartialColumnSums(x, partials, rows, channels, runs, runRows);
        TotalColumnSums(partials, mean, runs, channels, 1f / rows, accumulate: false);
        GroupKernel(_columnSquares, Fours(channels, x, mean), "Batch variance", static four => four ? ColumnKernels.Squares<Four> : ColumnKernels.Squares<One>)
            (_stream, ColumnConfig(channels, runs), View(x), View(mean), View(partials), rows, channels, runRows);
        TotalColumnSums(partials, variance, runs, channels, 1f / rows, accumulate: false);
        ElementKernel(ref _normStatistics, "Batch statistics", static () => NormKernels.BatchNormStatistics)
            (_stream, channels, View(variance), View(mean), View(invStd), View(runningMean), View(runningVariance), rows > 1 ? rows / (rows - 1f) : 1, momentum, epsilon);
        bool four = Fours(channels, x, gamma, beta, mean, invStd, y);
        ElementKernel(_normApply, four, nameof(BatchNormForwardTraining), static four => four ? NormKernels.BatchNormApply<Four> : NormKernels.BatchNormApply<One>)
            (_stream, Packs(four, Count(x.Shape)), View(x), View(gamma), View(beta), View(mean), View(invStd), View(y), FastDivisor.Of(Packs(four, channels)));
    }

    protected override void RunBatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        bool four = Fours(x.Shape.Channels, x, gamma, beta, runningMean, runningVariance, y);
        ElementKernel(_normInference, four, nameof(BatchNormForwardInference), static four => four ? NormKernels.BatchNormInference<Four> : NormKernels.BatchNormInference<One>)
            (_stream, Packs(four, Count(x.Shape)), View(x), View(gamma), View(beta), View(runningMean), View(runningVariance), View(y), FastDivisor.Of(Packs(four, x.Shape.Channels)), epsilon);
    }

    protected override void RunBatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels, rows = Count(x.Shape) / channels;
        var (runs, runRows) = RunsOf(rows, channels);
        using Tensor partials = Allocate(new Shape(2, runs * channels)), sums = Allocate(new Shape(2, channels));
        bool four = Fours(channels, x, dy, mean, invStd, gamma, dx);
        GroupKernel(_normGradients, four, "Batch gradients", static four => four ? ColumnKernels.NormGradients<Four> : ColumnKernels.NormGradients<One>)
            (_stream, ColumnConfig(channels, runs), View(x), View(dy), View(mean), View(invStd), View(partials), rows, channels, runRows);
        Tensor plain = partials.View(new Shape(runs, channels)), scaled = partials.View(new Shape(runs, channels), (long)runs * channels);
        TotalColumnSums(plain, sums.View(new Shape(channels)), runs, channels, 1, accumulate: false);
        TotalColumnSums(scaled, sums.View(new Shape(channels), channels), runs, channels, 1, accumulate: false);
        TotalColumnSums(plain, dBeta, runs, channels, 1, accumulate: true);
        TotalColumnSums(scaled, dGamma, runs, channels, 1, accumulate: true);
        ElementKernel(_normInput, four, nameof(BatchNormBackward), static four => four ? NormKernels.BatchNormInput<Four> : NormKernels.BatchNormInput<One>)
            (_stream, Packs(four, Count(x.Shape)), View(x), View(dy), View(sums), View(gamma), View(mean), View(invStd), View(dx), FastDivisor.Of(Packs(four, channels)), 1f / rows);
    }

    internal static LrnExtent ExtentOf(Shape x, LrnGeometry geometry, bool four) => new()
    {
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        Radius = geometry.Size / 2,
        AlphaOverWindow = geometry.Alpha / (geometry.Region == LrnRegion.AcrossChannels ? geometry.Size : geometry.Size * geometry.Size),
        Beta = geometry.Beta,
        K = geometry.K,
        ByPacks = FastDivisor.Of(Packs(four, x.Channels)),
        ByColumns = FastDivisor.Of(x.Width),
        ByRows = FastDivisor.Of(x.Height),
    };
}

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

    private static int Channel(int i, int width, FastDivisor byPacks) => (i - byPacks.Divide(i) * byPacks.Divisor) * width;

    // s^-β. Krizhevsky's 3/4 takes two roots and a division in place of a logarithm and an exponential.
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
