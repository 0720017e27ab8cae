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
        ElementKernel(_fill, four, nameof(Fill), static four => four ? ElementwiseKernels.Fill<Four> : ElementwiseKernels.Fill<One>)
            (_stream, Packs(four, Count(y.Shape)), View(y), value);
    }

    protected override void RunCopy(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_copy, four, nameof(Copy), static four => four ? ElementwiseKernels.Copy<Four> : ElementwiseKernels.Copy<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y));
    }

    protected override void RunAdd(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), a, b, y);
        ElementKernel(_add, four, nameof(Add), static four => four ? ElementwiseKernels.Add<Four> : ElementwiseKernels.Add<One>)
            (_stream, Packs(four, Count(y.Shape)), View(a), View(b), View(y));
    }

    protected override void RunMultiply(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), a, b, y);
        ElementKernel(_multiply, four, nameof(Multiply), static four => four ? ElementwiseKernels.Multiply<Four> : ElementwiseKernels.Multiply<One>)
            (_stream, Packs(four, Count(y.Shape)), View(a), View(b), View(y));
    }

    protected override void RunScale(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_scale, four, nameof(Scale), static four => four ? ElementwiseKernels.Scale<Four> : ElementwiseKernels.Scale<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), scale, View(y));
    }

    protected override void RunAccumulate(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_accumulate, four, nameof(Accumulate), static four => four ? ElementwiseKernels.Accumulate<Four> : ElementwiseKernels.Accumulate<One>)
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
        ElementKernel(_activateBack, four, nameof(ActivationBackward), static four => four ? ElementwiseKernels.ActivationBackward<Four> : ElementwiseKernels.ActivationBackward<One>)
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(y), View(dy), View(dx));
    }

    protected override void RunPReluForward(Tensor x, Tensor slope, Tensor y)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels;
        bool four = Fours(channels, x, slope, y);
        ElementKernel(_prelu, four, nameof(PReluForward), static four => four ? ElementwiseKernels.PReluForward<Four> : ElementwiseKernels.PReluForward<One>)
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
            GroupKernel(_preluSlopes, Fours(channels, x, dy, partials), "Slopes of PReluBackward", static four => four ? ColumnKernels.PReluSlopes<Four> : ColumnKernels.PReluSlopes<One>)
                (_stream, ColumnConfig(channels, runs), View(x), View(dy), View(partials), rows, channels, runRows);
            TotalColumnSums(partials, dSlope, runs, channels, 1, accumulate: true);
        }
        if (dx is null) return;
        bool four = Fours(channels, x, slope, dy, dx);
        ElementKernel(_preluInput, four, nameof(PReluBackward), static four => four ? ElementwiseKernels.PReluInput<Four> : ElementwiseKernels.PReluInput<One>)
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
        ElementKernel(_join, four, nameof(ConcatForward), static four => four ? ElementwiseKernels.Join<Four> : ElementwiseKernels.Join<One>)
            (_stream, Packs(four, Count(part.Shape)), View(part), FastDivisor.Of(Packs(four, partColumns)), View(whole), wholeColumns, first);
    }

    private void CutAt(Tensor whole, int wholeColumns, int first, Tensor part, int partColumns)
    {
        if (part.Count == 0) return;
        bool four = Fours(partColumns, part, whole) && first % 4 == 0 && wholeColumns % 4 == 0;
        ElementKernel(_cut, four, nameof(ConcatBackward), static four => four ? ElementwiseKernels.Cut<Four> : ElementwiseKernels.Cut<One>)
            (_stream, Packs(four, Count(part.Shape)), View(whole), wholeColumns, first, View(part), FastDivisor.Of(Packs(four, partColumns)));
    }

    private void Activate(Activation activation, Tensor x, Tensor y)
    {
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_activate, four, nameof(ActivationForward), static four => four ? ElementwiseKernels.ActivationForward<Four> : ElementwiseKernels.ActivationForward<One>)
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(x), View(y));
    }
}
