using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, float>> _fill = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>>> _copy = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>> _add = new(), _multiply = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, float, ArrayView<float>>> _scale = new(), _accumulate = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>>> _activate = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>, ArrayView<float>>> _activateBack = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>> _prelu = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>> _preluInput = new();
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>> _preluSlopes = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, FastDivisor, ArrayView<float>, int, int>> _join = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, int, int, ArrayView<float>, FastDivisor>> _cut = new();

    protected override void RunFill(Tensor y, float value)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), y);
        Kernel(_fill, four, nameof(Fill), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float>(four ? ElementwiseKernels.Fill<Four> : ElementwiseKernels.Fill<One>))
            (_stream, Packs(four, Count(y.Shape)), View(y), value);
    }

    protected override void RunCopy(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        Kernel(_copy, four, nameof(Copy), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>>(four ? ElementwiseKernels.Copy<Four> : ElementwiseKernels.Copy<One>))
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y));
    }

    protected override void RunAdd(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), a, b, y);
        Kernel(_add, four, nameof(Add), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>(four ? ElementwiseKernels.Add<Four> : ElementwiseKernels.Add<One>))
            (_stream, Packs(four, Count(y.Shape)), View(a), View(b), View(y));
    }

    protected override void RunMultiply(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), a, b, y);
        Kernel(_multiply, four, nameof(Multiply), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>(four ? ElementwiseKernels.Multiply<Four> : ElementwiseKernels.Multiply<One>))
            (_stream, Packs(four, Count(y.Shape)), View(a), View(b), View(y));
    }

    protected override void RunScale(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        Kernel(_scale, four, nameof(Scale), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float, ArrayView<float>>(four ? ElementwiseKernels.Scale<Four> : ElementwiseKernels.Scale<One>))
            (_stream, Packs(four, Count(y.Shape)), View(x), scale, View(y));
    }

    protected override void RunAccumulate(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        Kernel(_accumulate, four, nameof(Accumulate), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float, ArrayView<float>>(four ? ElementwiseKernels.Accumulate<Four> : ElementwiseKernels.Accumulate<One>))
            (_stream, Packs(four, Count(y.Shape)), View(x), scale, View(y));
    }

    protected override void RunActivationForward(Activation activation, Tensor x, Tensor y)
    {
        using var scope = Enter();
        Activate(activation, x, y);
    }

    protected override void RunActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), y, dy, dx);
        Kernel(_activateBack, four, nameof(ActivationBackward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, int, float, ArrayView<float>, ArrayView<float>, ArrayView<float>>(four ? ElementwiseKernels.ActivationBackward<Four> : ElementwiseKernels.ActivationBackward<One>))
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(y), View(dy), View(dx));
    }

    protected override void RunPReluForward(Tensor x, Tensor slope, Tensor y)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels;
        bool four = Fours(channels, x, slope, y);
        Kernel(_prelu, four, nameof(PReluForward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>(four ? ElementwiseKernels.PReluForward<Four> : ElementwiseKernels.PReluForward<One>))
            (_stream, Packs(four, Count(x.Shape)), View(x), View(slope), View(y), FastDivisor.Of(Packs(four, channels)));
    }

    protected override void RunPReluBackward(Tensor x, Tensor slope, Tensor dy, Tensor? dx, Tensor? dSlope)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels, rows = Count(x.Shape) / channels;
        // The slopes first: dx may take the place of dy.
        if (dSlope is not null)
        {
            var (runs, runRows) = RunsOf(rows, channels);
            using Tensor partials = Allocate(new Shape(runs, channels));
            Kernel(_preluSlopes, Fours(channels, x, dy, partials), "Slopes of PReluBackward", static (a, four) => a.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(four ? ColumnKernels.PReluSlopes<Four> : ColumnKernels.PReluSlopes<One>))
                (_stream, ColumnConfig(channels, runs), View(x), View(dy), View(partials), rows, channels, runRows);
            TotalColumnSums(partials, dSlope, runs, channels, 1, accumulate: true);
        }
        if (dx is null) return;
        bool four = Fours(channels, x, slope, dy, dx);
        Kernel(_preluInput, four, nameof(PReluBackward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>(four ? ElementwiseKernels.PReluInput<Four> : ElementwiseKernels.PReluInput<One>))
            (_stream, Packs(four, Count(x.Shape)), View(x), View(slope), View(dy), View(dx), FastDivisor.Of(Packs(four, channels)));
    }

    protected override void RunConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor input in inputs)
        {
            int channels = input.Shape.Channels;
            JoinAt(input, channels, y, y.Shape.Channels, first);
            first += channels;
        }
    }

    protected override void RunConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor gradient in inputGradients)
        {
            int channels = gradient.Shape.Channels;
            CutAt(dy, dy.Shape.Channels, first, gradient, channels);
            first += channels;
        }
    }

    // Rows of a part into a run of the columns of wider rows.
    private void JoinAt(Tensor part, int partColumns, Tensor whole, int wholeColumns, int first)
    {
        if (part.Count == 0) return;
        bool four = Fours(partColumns, part, whole) && first % 4 == 0 && wholeColumns % 4 == 0;
        Kernel(_join, four, nameof(ConcatForward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, FastDivisor, ArrayView<float>, int, int>(four ? ElementwiseKernels.Join<Four> : ElementwiseKernels.Join<One>))
            (_stream, Packs(four, Count(part.Shape)), View(part), FastDivisor.Of(Packs(four, partColumns)), View(whole), wholeColumns, first);
    }

    private void CutAt(Tensor whole, int wholeColumns, int first, Tensor part, int partColumns)
    {
        if (part.Count == 0) return;
        bool four = Fours(partColumns, part, whole) && first % 4 == 0 && wholeColumns % 4 == 0;
        Kernel(_cut, four, nameof(ConcatBackward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, int, int, ArrayView<float>, FastDivisor>(four ? ElementwiseKernels.Cut<Four> : ElementwiseKernels.Cut<One>))
            (_stream, Packs(four, Count(part.Shape)), View(whole), wholeColumns, first, View(part), FastDivisor.Of(Packs(four, partColumns)));
    }

    private void Activate(Activation activation, Tensor x, Tensor y)
    {
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        Kernel(_activate, four, nameof(ActivationForward), static (a, four) => a.LoadAutoGroupedKernel<Index1D, int, float, ArrayView<float>, ArrayView<float>>(four ? ElementwiseKernels.ActivationForward<Four> : ElementwiseKernels.ActivationForward<One>))
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(x), View(y));
    }
}
