using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int>? _softmax;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, int, float>? _crossEntropy;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float, float>? _crossEntropyBack;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, int>? _hinge;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float>? _hingeBack;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>? _smoothL1;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float>? _smoothL1Back;

    /// <inheritdoc/>
    public override void Softmax(Tensor x, Tensor y)
    {
        OpChecks.SameCount(x, y);
        using var scope = Enter();
        if (x.Count == 0) return;
        int columns = x.Shape.Channels;
        Kernel(ref _softmax, nameof(Softmax), static a => a.LoadKernel<ArrayView<float>, ArrayView<float>, int>(LossKernels.Softmax))
            (_stream, RowConfig(Count(x.Shape) / columns), View(x), View(y), columns);
    }

    /// <inheritdoc/>
    public override void CrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        OpChecks.Rows(nameof(CrossEntropyForward), logits, labels.Shape, losses);
        OpChecks.SameCount(logits, probabilities);
        using var scope = Enter();
        if (logits.Count == 0) return;
        Kernel(ref _crossEntropy, nameof(CrossEntropyForward), static a => a.LoadKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, int, float>(LossKernels.CrossEntropyForward))
            (_stream, RowConfig(logits.Shape.Batch), View(logits), View(labels), View(probabilities), View(losses), logits.Shape.Channels, smoothing);
    }

    /// <inheritdoc/>
    public override void CrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        OpChecks.Rows(nameof(CrossEntropyBackward), probabilities, labels.Shape, null);
        OpChecks.SameCount(probabilities, dLogits);
        using var scope = Enter();
        if (dLogits.Count == 0) return;
        Kernel(ref _crossEntropyBack, nameof(CrossEntropyBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float, float>(LossKernels.CrossEntropyBackward))
            (_stream, Count(dLogits.Shape), View(probabilities), View(labels), View(dLogits), probabilities.Shape.Channels, smoothing, scale);
    }

    /// <inheritdoc/>
    public override void HingeForward(Tensor scores, Tensor<int> labels, Tensor losses)
    {
        OpChecks.Rows(nameof(HingeForward), scores, labels.Shape, losses);
        using var scope = Enter();
        if (scores.Count == 0) return;
        Kernel(ref _hinge, nameof(HingeForward), static a => a.LoadKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(LossKernels.HingeForward))
            (_stream, RowConfig(scores.Shape.Batch), View(scores), View(labels), View(losses), scores.Shape.Channels);
    }

    /// <inheritdoc/>
    public override void HingeBackward(Tensor scores, Tensor<int> labels, Tensor dScores, float scale)
    {
        OpChecks.Rows(nameof(HingeBackward), scores, labels.Shape, null);
        OpChecks.SameCount(scores, dScores);
        using var scope = Enter();
        if (scores.Count == 0) return;
        Kernel(ref _hingeBack, nameof(HingeBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float>(LossKernels.HingeBackward))
            (_stream, Count(scores.Shape), View(scores), View(labels), View(dScores), scores.Shape.Channels, scale);
    }

    /// <inheritdoc/>
    public override void SmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        OpChecks.Rows(nameof(SmoothL1Forward), predictions, losses.Shape, losses);
        OpChecks.SameCount(predictions, targets, weights);
        using var scope = Enter();
        if (predictions.Count == 0) return;
        Kernel(ref _smoothL1, nameof(SmoothL1Forward), static a => a.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>(LossKernels.SmoothL1Forward))
            (_stream, RowConfig(predictions.Shape.Batch), View(predictions), View(targets), View(weights), View(losses), predictions.Shape.Channels, beta);
    }

    /// <inheritdoc/>
    public override void SmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        OpChecks.SameCount(predictions, targets, weights);
        OpChecks.SameCount(predictions, dPredictions);
        using var scope = Enter();
        if (predictions.Count == 0) return;
        Kernel(ref _smoothL1Back, nameof(SmoothL1Backward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float>(LossKernels.SmoothL1Backward))
            (_stream, Count(predictions.Shape), View(predictions), View(targets), View(weights), View(dPredictions), beta, scale);
    }
}
