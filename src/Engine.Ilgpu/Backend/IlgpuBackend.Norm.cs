using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
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

    private static LrnExtent ExtentOf(Shape x, LrnGeometry geometry, bool four) => new()
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
