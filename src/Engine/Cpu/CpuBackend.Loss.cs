namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void Softmax(Tensor x, Tensor y)
    {
        OpChecks.Expect(nameof(Softmax), "y", x.Shape, y.Shape);
        if (x.Shape.Rank != 2) throw new ShapeMismatchException(nameof(Softmax), new Shape(1, 1), x.Shape, "x must have 2 dimensions");
        if (x.Count == 0) return;
        var job = new SoftmaxJob
        {
            X = Pointer(x), Y = Pointer(y), Rows = x.Shape[0], Columns = x.Shape[1], RowsPerItem = RowsPerItem(x.Shape[1]),
        };
        RunVector(job, RowItems(x.Shape));
    }

    /// <inheritdoc/>
    public override void CrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        OpChecks.Rows(nameof(CrossEntropyForward), logits, labels.Shape, losses);
        OpChecks.Expect(nameof(CrossEntropyForward), "probabilities", logits.Shape, probabilities.Shape);
        RequireLabels(nameof(CrossEntropyForward), labels, logits.Shape[1]);
        if (logits.Count == 0) return;
        var job = new CrossEntropyForwardJob
        {
            Logits = Pointer(logits), Labels = Pointer(labels), Probabilities = Pointer(probabilities), Losses = Pointer(losses),
            Rows = logits.Shape[0], Columns = logits.Shape[1], RowsPerItem = RowsPerItem(logits.Shape[1]), Smoothing = smoothing,
        };
        RunVector(job, RowItems(logits.Shape));
    }

    /// <inheritdoc/>
    public override void CrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        OpChecks.Rows(nameof(CrossEntropyBackward), probabilities, labels.Shape, null);
        OpChecks.Expect(nameof(CrossEntropyBackward), "dLogits", probabilities.Shape, dLogits.Shape);
        RequireLabels(nameof(CrossEntropyBackward), labels, probabilities.Shape[1]);
        var job = new CrossEntropyBackwardJob
        {
            Probabilities = Pointer(probabilities), Labels = Pointer(labels), Gradient = Pointer(dLogits),
            Rows = probabilities.Shape[0], Columns = probabilities.Shape[1], RowsPerItem = RowsPerItem(probabilities.Shape[1]),
            Smoothing = smoothing, Factor = scale,
        };
        RunVector(job, RowItems(probabilities.Shape));
    }

    /// <inheritdoc/>
    public override void HingeForward(Tensor scores, Tensor<int> labels, Tensor losses)
    {
        OpChecks.Rows(nameof(HingeForward), scores, labels.Shape, losses);
        RequireLabels(nameof(HingeForward), labels, scores.Shape[1]);
        var job = new HingeForwardJob
        {
            Scores = Pointer(scores), Labels = Pointer(labels), Losses = Pointer(losses),
            Rows = scores.Shape[0], Columns = scores.Shape[1], RowsPerItem = RowsPerItem(scores.Shape[1]),
        };
        _workers.Run(job, RowItems(scores.Shape));
    }

    /// <inheritdoc/>
    public override void HingeBackward(Tensor scores, Tensor<int> labels, Tensor dScores, float scale)
    {
        OpChecks.Rows(nameof(HingeBackward), scores, labels.Shape, null);
        OpChecks.Expect(nameof(HingeBackward), "dScores", scores.Shape, dScores.Shape);
        RequireLabels(nameof(HingeBackward), labels, scores.Shape[1]);
        var job = new HingeBackwardJob
        {
            Scores = Pointer(scores), Labels = Pointer(labels), Gradient = Pointer(dScores), Factor = scale,
            Rows = scores.Shape[0], Columns = scores.Shape[1], RowsPerItem = RowsPerItem(scores.Shape[1]),
        };
        _workers.Run(job, RowItems(scores.Shape));
    }

    /// <inheritdoc/>
    public override void SmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        OpChecks.Rows(nameof(SmoothL1Forward), predictions, losses.Shape, losses);
        OpChecks.Expect(nameof(SmoothL1Forward), "targets", predictions.Shape, targets.Shape);
        OpChecks.Expect(nameof(SmoothL1Forward), "weights", predictions.Shape, weights.Shape);
        RequireCorner(nameof(SmoothL1Forward), beta);
        var job = new SmoothL1ForwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Losses = Pointer(losses), Beta = beta,
            Rows = predictions.Shape[0], Columns = predictions.Shape[1], RowsPerItem = RowsPerItem(predictions.Shape[1]),
        };
        _workers.Run(job, RowItems(predictions.Shape));
    }

    /// <inheritdoc/>
    public override void SmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        OpChecks.Rows(nameof(SmoothL1Backward), predictions, new Shape(predictions.Shape.Batch), null);
        OpChecks.Expect(nameof(SmoothL1Backward), "targets", predictions.Shape, targets.Shape);
        OpChecks.Expect(nameof(SmoothL1Backward), "weights", predictions.Shape, weights.Shape);
        OpChecks.Expect(nameof(SmoothL1Backward), "dPredictions", predictions.Shape, dPredictions.Shape);
        RequireCorner(nameof(SmoothL1Backward), beta);
        var job = new SmoothL1BackwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Gradient = Pointer(dPredictions),
            Beta = beta, Factor = scale,
            Rows = predictions.Shape[0], Columns = predictions.Shape[1], RowsPerItem = RowsPerItem(predictions.Shape[1]),
        };
        _workers.Run(job, RowItems(predictions.Shape));
    }

    private static void RequireCorner(string operation, float beta)
    {
        if (!(beta > 0)) throw new ArgumentOutOfRangeException(nameof(beta), beta, $"{operation}: beta must be above 0.");
    }
}
