using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, LrnExtent>? _lrn;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LrnExtent>? _lrnBack;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>? _columnSquares;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>? _normGradients;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float, float>? _normStatistics;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>? _normApply;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>? _normInference;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>? _normInput;

    protected override void RunLrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _lrn, nameof(LrnForward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, LrnExtent>(NormKernels.LrnForward))
            (_stream, Count(y.Shape), View(x), View(y), ViewOrUnused(scale), scale is null ? 0 : 1, ExtentOf(x.Shape, geometry));
    }

    protected override void RunLrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        Kernel(ref _lrnBack, nameof(LrnBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LrnExtent>(NormKernels.LrnBackward))
            (_stream, Count(dx.Shape), View(x), View(y), View(scale), View(dy), View(dx), ExtentOf(x.Shape, geometry));
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
        Kernel(ref _columnSquares, "Batch variance", static a => a.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(ColumnKernels.PartialSquares))
            (_stream, ColumnConfig(channels, runs), View(x), View(mean), View(partials), rows, channels, runRows);
        TotalColumnSums(partials, variance, runs, channels, 1f / rows, accumulate: false);
        Kernel(ref _normStatistics, "Batch statistics", static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float, float>(NormKernels.BatchNormStatistics))
            (_stream, channels, View(variance), View(mean), View(invStd), View(runningMean), View(runningVariance), rows > 1 ? rows / (rows - 1f) : 1, momentum, epsilon);
        Kernel(ref _normApply, nameof(BatchNormForwardTraining), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(NormKernels.BatchNormApply))
            (_stream, Count(x.Shape), View(x), View(gamma), View(beta), View(mean), View(invStd), View(y), channels);
    }

    protected override void RunBatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        Kernel(ref _normInference, nameof(BatchNormForwardInference), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>(NormKernels.BatchNormInference))
            (_stream, Count(x.Shape), View(x), View(gamma), View(beta), View(runningMean), View(runningVariance), View(y), x.Shape.Channels, epsilon);
    }

    protected override void RunBatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels, rows = Count(x.Shape) / channels;
        var (runs, runRows) = RunsOf(rows, channels);
        using Tensor partials = Allocate(new Shape(2, runs * channels)), sums = Allocate(new Shape(2, channels));
        Kernel(ref _normGradients, "Batch gradients", static a => a.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(ColumnKernels.PartialNormGradients))
            (_stream, ColumnConfig(channels, runs), View(x), View(dy), View(mean), View(invStd), View(partials), rows, channels, runRows);
        Tensor plain = partials.View(new Shape(runs, channels)), scaled = partials.View(new Shape(runs, channels), (long)runs * channels);
        TotalColumnSums(plain, sums.View(new Shape(channels)), runs, channels, 1, accumulate: false);
        TotalColumnSums(scaled, sums.View(new Shape(channels), channels), runs, channels, 1, accumulate: false);
        TotalColumnSums(plain, dBeta, runs, channels, 1, accumulate: true);
        TotalColumnSums(scaled, dGamma, runs, channels, 1, accumulate: true);
        Kernel(ref _normInput, nameof(BatchNormBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>(NormKernels.BatchNormInput))
            (_stream, Count(x.Shape), View(x), View(dy), View(sums), View(gamma), View(mean), View(invStd), View(dx), channels, 1f / rows);
    }

    private static LrnExtent ExtentOf(Shape x, LrnGeometry geometry) => new()
    {
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        Radius = geometry.Size / 2,
        Across = geometry.Region == LrnRegion.AcrossChannels ? 1 : 0,
        AlphaOverWindow = geometry.Alpha / (geometry.Region == LrnRegion.AcrossChannels ? geometry.Size : geometry.Size * geometry.Size),
        Beta = geometry.Beta,
        K = geometry.K,
    };
}
