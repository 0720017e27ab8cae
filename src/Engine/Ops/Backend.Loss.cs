namespace IlgpuSpp.Engine;

// Losses, one value a row; gradients are multiplied by scale (1/n for a mean over the batch). A label of −1
// marks a row that does not count: its loss and gradient are 0.
public abstract partial class Backend
{
    /// <summary>y = softmax of every row, computed from the row's maximum. <c>x, y: [n, c]</c>. In place allowed.</summary>
    public abstract void Softmax(Tensor x, Tensor y);

    /// <summary>
    /// probabilities = softmax(logits); loss = −Σ t·log p with t = (1 − smoothing)·onehot + smoothing/c, computed from the
    /// logits so that it is finite for finite logits. <c>logits, probabilities: [n, c]</c>, <c>labels, losses: [n]</c>.
    /// </summary>
    public abstract void CrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing);

    /// <summary>dLogits = scale·(p − t). In place allowed (dLogits may be the probabilities).</summary>
    public abstract void CrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale);

    /// <summary>One-against-all hinge: loss = Σ_c max(0, 1 − δ·score) with δ = +1 for the label's column, −1 for the others.</summary>
    public abstract void HingeForward(Tensor scores, Tensor<int> labels, Tensor losses);

    /// <summary>dScores = −scale·δ where the margin is violated (1 − δ·score &gt; 0), 0 elsewhere.</summary>
    public abstract void HingeBackward(Tensor scores, Tensor<int> labels, Tensor dScores, float scale);

    /// <summary>
    /// Smooth L1 (Girshick, "Fast R-CNN", equation 3, with its corner at beta): with d = prediction − target, ½d²/beta for
    /// |d| &lt; beta, |d| − ½beta otherwise, times the weight, summed over the row. <c>predictions, targets, weights: [n, c]</c>, <c>losses: [n]</c>.
    /// </summary>
    public abstract void SmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta);

    /// <summary>dPredictions = scale·weight·clamp(d/beta, −1, 1).</summary>
    public abstract void SmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale);
}
