namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunSoftmax(Tensor x, Tensor y)
    {
        if (x.Count == 0) return;
        var job = new SoftmaxJob
        {
            X = Pointer(x), Y = Pointer(y), Rows = x.Shape[0], Columns = x.Shape[1], RowsPerItem = RowsPerItem(x.Shape[1]),
        };
        RunVector(job, RowItems(x.Shape));
    }

    protected override void RunCrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        if (logits.Count == 0) return;
        var job = new CrossEntropyForwardJob
        {
            Logits = Pointer(logits), Labels = Pointer(labels), Probabilities = Pointer(probabilities), Losses = Pointer(losses),
            Rows = logits.Shape[0], Columns = logits.Shape[1], RowsPerItem = RowsPerItem(logits.Shape[1]), Smoothing = smoothing,
        };
        RunVector(job, RowItems(logits.Shape));
    }

    protected override void RunCrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        var job = new CrossEntropyBackwardJob
        {
            Probabilities = Pointer(probabilities), Labels = Pointer(labels), Gradient = Pointer(dLogits),
            Rows = probabilities.Shape[0], Columns = probabilities.Shape[1], RowsPerItem = RowsPerItem(probabilities.Shape[1]),
            Smoothing = smoothing, Factor = scale,
        };
        RunVector(job, RowItems(probabilities.Shape));
    }

    protected override void RunSmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        var job = new SmoothL1ForwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Losses = Pointer(losses), Beta = beta,
            Rows = predictions.Shape[0], Columns = predictions.Shape[1], RowsPerItem = RowsPerItem(predictions.Shape[1]),
        };
        _workers.Run(job, RowItems(predictions.Shape));
    }

    protected override void RunSmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        var job = new SmoothL1BackwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Gradient = Pointer(dPredictions),
            Beta = beta, Factor = scale,
            Rows = predictions.Shape[0], Columns = predictions.Shape[1], RowsPerItem = RowsPerItem(predictions.Shape[1]),
        };
        _workers.Run(job, RowItems(predictions.Shape));
    }
}
