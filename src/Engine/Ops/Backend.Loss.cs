namespace IlgpuSpp.Engine;

// Losses, one value a row; gradients are multiplied by scale (1/n for a mean over the batch). A label of −1
// marks a row that does not count: its loss and gradient are 0. Any other label outside [0, c) is a mistake of the caller that
// shows at once and on every device alike: the row's loss and gradient are NaN. Nothing is read outside the row.
public abstract partial class Backend
{
    /// <summary>y = softmax of every row, computed from the row's maximum. <c>x, y: [n, c]</c>. In place allowed.</summary>
    public void Softmax(Tensor x, Tensor y)
    {
        OpChecks.RequireRank(nameof(Softmax), "x", 2, x.Shape);
        OpChecks.Expect(nameof(Softmax), "y", x.Shape, y.Shape);
        OpChecks.SameOrSeparate(nameof(Softmax), y, x);
        RunSoftmax(x, y);
        Written(y);
    }

    /// <summary>
    /// probabilities = softmax(logits); loss = −Σ t·log p with t = (1 − smoothing)·onehot + smoothing/c, computed from the
    /// logits so that it is finite for finite logits. <c>logits, probabilities: [n, c]</c>, <c>labels, losses: [n]</c>.
    /// </summary>
    public void CrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        OpChecks.Rows(nameof(CrossEntropyForward), logits.Shape, labels.Shape, "labels");
        OpChecks.ExpectCount(nameof(CrossEntropyForward), "losses", labels.Shape, losses.Shape);
        OpChecks.Expect(nameof(CrossEntropyForward), "probabilities", logits.Shape, probabilities.Shape);
        OpChecks.HasColumns(nameof(CrossEntropyForward), logits.Shape);
        OpChecks.Smoothing(nameof(CrossEntropyForward), smoothing);
        OpChecks.Separate(nameof(CrossEntropyForward), probabilities, logits, losses);
        OpChecks.Separate(nameof(CrossEntropyForward), losses, logits);
        RunCrossEntropyForward(logits, labels, probabilities, losses, smoothing);
        Written(probabilities, losses);
    }

    /// <summary>dLogits = scale·(p − t). In place allowed (dLogits may be the probabilities).</summary>
    public void CrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        OpChecks.Rows(nameof(CrossEntropyBackward), probabilities.Shape, labels.Shape, "labels");
        OpChecks.Expect(nameof(CrossEntropyBackward), "dLogits", probabilities.Shape, dLogits.Shape);
        OpChecks.Smoothing(nameof(CrossEntropyBackward), smoothing);
        OpChecks.SameOrSeparate(nameof(CrossEntropyBackward), dLogits, probabilities);
        RunCrossEntropyBackward(probabilities, labels, dLogits, smoothing, scale);
        Written(dLogits);
    }

    /// <summary>
    /// probabilities = softmax(logits); loss = −Σ t·(1 − p)^focus·log p: cross-entropy with a target for every class where focus is 0, else focal loss (Lin et al., "Focal loss for dense object
    /// detection", equation 5, the targets standing for α). Targets need not add up to 1; a row of zeros does not count. <c>logits, targets, probabilities: [n, c]</c>, <c>losses: [n]</c>.
    /// </summary>
    public void FocalForward(Tensor logits, Tensor targets, Tensor probabilities, Tensor losses, float focus)
    {
        OpChecks.Rows(nameof(FocalForward), logits.Shape, losses.Shape, "losses");
        OpChecks.Expect(nameof(FocalForward), "targets", logits.Shape, targets.Shape);
        OpChecks.Expect(nameof(FocalForward), "probabilities", logits.Shape, probabilities.Shape);
        OpChecks.HasColumns(nameof(FocalForward), logits.Shape);
        OpChecks.Focus(nameof(FocalForward), focus);
        OpChecks.Separate(nameof(FocalForward), probabilities, logits, targets, losses);
        OpChecks.Separate(nameof(FocalForward), losses, logits, targets);
        RunFocalForward(logits, targets, probabilities, losses, focus);
        Written(probabilities, losses);
    }

    /// <summary>dLogits = scale·(t·h − p·Σ t·h) with h = focus·p·(1 − p)^(focus − 1)·log p − (1 − p)^focus.</summary>
    public void FocalBackward(Tensor probabilities, Tensor targets, Tensor dLogits, float focus, float scale)
    {
        OpChecks.RequireRank(nameof(FocalBackward), "probabilities", 2, probabilities.Shape);
        OpChecks.Expect(nameof(FocalBackward), "targets", probabilities.Shape, targets.Shape);
        OpChecks.Expect(nameof(FocalBackward), "dLogits", probabilities.Shape, dLogits.Shape);
        OpChecks.Focus(nameof(FocalBackward), focus);
        OpChecks.Separate(nameof(FocalBackward), dLogits, probabilities, targets);
        RunFocalBackward(probabilities, targets, dLogits, focus, scale);
        Written(dLogits);
    }

    /// <summary>
    /// Smooth L1 (Girshick, "Fast R-CNN", equation 3, with its corner at beta): with d = prediction − target, ½d²/beta for
    /// |d| &lt; beta, |d| − ½beta otherwise, times the weight, summed over the row. <c>predictions, targets, weights: [n, c]</c>, <c>losses: [n]</c>.
    /// </summary>
    public void SmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        OpChecks.Rows(nameof(SmoothL1Forward), predictions.Shape, losses.Shape, "losses");
        OpChecks.Expect(nameof(SmoothL1Forward), "targets", predictions.Shape, targets.Shape);
        OpChecks.Expect(nameof(SmoothL1Forward), "weights", predictions.Shape, weights.Shape);
        OpChecks.Corner(nameof(SmoothL1Forward), beta);
        OpChecks.Separate(nameof(SmoothL1Forward), losses, predictions, targets, weights);
        RunSmoothL1Forward(predictions, targets, weights, losses, beta);
        Written(losses);
    }

    /// <summary>dPredictions = scale·weight·clamp(d/beta, −1, 1).</summary>
    public void SmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        OpChecks.RequireRank(nameof(SmoothL1Backward), "predictions", 2, predictions.Shape);
        OpChecks.Expect(nameof(SmoothL1Backward), "targets", predictions.Shape, targets.Shape);
        OpChecks.Expect(nameof(SmoothL1Backward), "weights", predictions.Shape, weights.Shape);
        OpChecks.Expect(nameof(SmoothL1Backward), "dPredictions", predictions.Shape, dPredictions.Shape);
        OpChecks.Corner(nameof(SmoothL1Backward), beta);
        OpChecks.Separate(nameof(SmoothL1Backward), dPredictions, predictions, targets, weights);
        RunSmoothL1Backward(predictions, targets, weights, dPredictions, beta, scale);
        Written(dPredictions);
    }
}
