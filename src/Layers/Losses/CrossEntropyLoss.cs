using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>Softmax and cross-entropy: −Σ t·log p.</summary>
/// <param name="smoothing">Share of the target spread over all classes, in [0, 1).</param>
public sealed class CrossEntropyLoss(float smoothing = 0) : Loss
{
    /// <inheritdoc/>
    public override void Forward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor losses) =>
        backend.CrossEntropyForward(scores, labels, probabilities, losses, smoothing);

    /// <inheritdoc/>
    public override void Backward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor gradient, float scale) =>
        backend.CrossEntropyBackward(probabilities, labels, gradient, smoothing, scale);
}
