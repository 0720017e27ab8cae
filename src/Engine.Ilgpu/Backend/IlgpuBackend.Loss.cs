using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int>? _softmax;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, int, float>? _crossEntropy;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float, float>? _crossEntropyBack;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>? _smoothL1;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float>? _smoothL1Back;

    protected override void RunSoftmax(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int columns = x.Shape.Channels;
        GroupKernel(ref _softmax, nameof(Softmax), static () => LossKernels.Softmax)
            (_stream, RowConfig(Count(x.Shape) / columns), View(x), View(y), columns);
    }

    protected override void RunCrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        using var scope = Enter();
        if (logits.Count == 0) return;
        GroupKernel(ref _crossEntropy, nameof(CrossEntropyForward), static () => LossKernels.CrossEntropyForward)
            (_stream, RowConfig(logits.Shape.Batch), View(logits), View(labels), View(probabilities), View(losses), logits.Shape.Channels, smoothing);
    }

    protected override void RunCrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        using var scope = Enter();
        if (dLogits.Count == 0) return;
        ElementKernel(ref _crossEntropyBack, nameof(CrossEntropyBackward), static () => LossKernels.CrossEntropyBackward)
            (_stream, Count(dLogits.Shape), View(probabilities), View(labels), View(dLogits), probabilities.Shape.Channels, smoothing, scale);
    }

    protected override void RunSmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        using var scope = Enter();
        if (predictions.Count == 0) return;
        GroupKernel(ref _smoothL1, nameof(SmoothL1Forward), static () => LossKernels.SmoothL1Forward)
            (_stream, RowConfig(predictions.Shape.Batch), View(predictions), View(targets), View(weights), View(losses), predictions.Shape.Channels, beta);
    }

    protected override void RunSmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        using var scope = Enter();
        if (predictions.Count == 0) return;
        ElementKernel(ref _smoothL1Back, nameof(SmoothL1Backward), static () => LossKernels.SmoothL1Backward)
            (_stream, Count(predictions.Shape), View(predictions), View(targets), View(weights), View(dPredictions), beta, scale);
    }
}
