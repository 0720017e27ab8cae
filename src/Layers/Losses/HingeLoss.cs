using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers;

/// <summary>One-against-all hinge loss: Σ max(0, 1 − δ·score).</summary>
public sealed class HingeLoss : Loss
{
    /// <inheritdoc/>
    public override void Forward(IBackend backend, Tensor scores, IndexTensor labels, Tensor probabilities, Tensor losses)
    {
        backend.Softmax(scores, probabilities);
        backend.HingeForward(scores, labels, losses);
    }

    /// <inheritdoc/>
    public override void Backward(IBackend backend, Tensor scores, IndexTensor labels, Tensor probabilities, Tensor gradient, float scale) =>
        backend.HingeBackward(scores, labels, gradient, scale);
}
