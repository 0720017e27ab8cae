using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>One-against-all hinge loss: Σ max(0, 1 − δ·score).</summary>
public sealed class HingeLoss : Loss
{
    /// <inheritdoc/>
    public override void Forward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor losses)
    {
        backend.Softmax(scores, probabilities);
        backend.HingeForward(scores, labels, losses);
    }

    /// <inheritdoc/>
    public override void Backward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor gradient, float scale) =>
        backend.HingeBackward(scores, labels, gradient, scale);
}
