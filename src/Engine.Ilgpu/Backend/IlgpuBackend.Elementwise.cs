using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, float>? _fill;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>>? _copy;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>? _add, _multiply;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, float, ArrayView<float>>? _scale, _accumulate;
    private Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>>? _activate;
    private Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>, ArrayView<float>>? _activateBack;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, int, ArrayView<float>, int, int>? _join;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, int, int, ArrayView<float>, int>? _cut;

    protected override void RunFill(Tensor y, float value)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _fill, nameof(Fill), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float>(ElementwiseKernels.Fill))
            (_stream, Count(y.Shape), View(y), value);
    }

    protected override void RunCopy(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _copy, nameof(Copy), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>>(ElementwiseKernels.Copy))
            (_stream, Count(y.Shape), View(x), View(y));
    }

    protected override void RunAdd(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _add, nameof(Add), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ElementwiseKernels.Add))
            (_stream, Count(y.Shape), View(a), View(b), View(y));
    }

    protected override void RunMultiply(Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _multiply, nameof(Multiply), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ElementwiseKernels.Multiply))
            (_stream, Count(y.Shape), View(a), View(b), View(y));
    }

    protected override void RunScale(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _scale, nameof(Scale), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float, ArrayView<float>>(ElementwiseKernels.Scale))
            (_stream, Count(y.Shape), View(x), scale, View(y));
    }

    protected override void RunAccumulate(Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _accumulate, nameof(Accumulate), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float, ArrayView<float>>(ElementwiseKernels.Accumulate))
            (_stream, Count(y.Shape), View(x), scale, View(y));
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
        Kernel(ref _activateBack, nameof(ActivationBackward), static a => a.LoadAutoGroupedKernel<Index1D, int, float, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ElementwiseKernels.ActivationBackward))
            (_stream, Count(y.Shape), (int)activation.Kind, activation.Slope, View(y), View(dy), View(dx));
    }

    protected override void RunConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor input in inputs)
        {
            if (input.Count > 0)
                Kernel(ref _join, nameof(ConcatForward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, int, ArrayView<float>, int, int>(ElementwiseKernels.Join))
                    (_stream, Count(input.Shape), View(input), input.Shape.Channels, View(y), y.Shape.Channels, first);
            first += input.Shape.Channels;
        }
    }

    protected override void RunConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor gradient in inputGradients)
        {
            if (gradient.Count > 0)
                Kernel(ref _cut, nameof(ConcatBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, int, int, ArrayView<float>, int>(ElementwiseKernels.Cut))
                    (_stream, Count(gradient.Shape), View(dy), dy.Shape.Channels, first, View(gradient), gradient.Shape.Channels);
            first += gradient.Shape.Channels;
        }
    }

    private void Activate(Activation activation, Tensor x, Tensor y)
    {
        if (y.Count == 0) return;
        Kernel(ref _activate, nameof(ActivationForward), static a => a.LoadAutoGroupedKernel<Index1D, int, float, ArrayView<float>, ArrayView<float>>(ElementwiseKernels.ActivationForward))
            (_stream, Count(y.Shape), (int)activation.Kind, activation.Slope, View(x), View(y));
    }
}
