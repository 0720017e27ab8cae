namespace IlgpuSpp.Layers;

/// <summary>A loss over class scores with one label a row. A label of −1 marks a row that does not count.</summary>
public abstract class Loss
{
    /// <summary>Computes every row's loss and what the gradient needs.</summary>
    /// <param name="backend">Where the tensors lie.</param>
    /// <param name="scores">Class scores, <c>[n, c]</c>.</param>
    /// <param name="labels">Labels, <c>[n]</c>.</param>
    /// <param name="probabilities">Receives class probabilities, <c>[n, c]</c>, also for losses that do not use them.</param>
    /// <param name="losses">Receives the losses, <c>[n]</c>.</param>
    public abstract void Forward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor losses);

    /// <summary>Assigns the gradient by the scores.</summary>
    /// <param name="backend">Where the tensors lie.</param>
    /// <param name="scores">Class scores, <c>[n, c]</c>.</param>
    /// <param name="labels">Labels, <c>[n]</c>.</param>
    /// <param name="probabilities">What <see cref="Forward"/> wrote.</param>
    /// <param name="gradient">Receives the gradient, <c>[n, c]</c>.</param>
    /// <param name="scale">Factor of the gradient; 1/n for a mean.</param>
    public abstract void Backward(Backend backend, Tensor scores, Tensor<int> labels, Tensor probabilities, Tensor gradient, float scale);
}

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
