namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunSoftmax(Tensor x, Tensor y)
    {
        if (x.Count == 0) return;
        var job = new SoftmaxJob
        {
            X = Pointer(x), Y = Pointer(y), Blocks = RowBlocks.Of(x),
        };
        RunLaneSums(job, job.Blocks.Items);
    }

    protected override void RunCrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        if (logits.Count == 0) return;
        var job = new CrossEntropyForwardJob
        {
            Logits = Pointer(logits), Labels = Pointer(labels), Probabilities = Pointer(probabilities), Losses = Pointer(losses), Blocks = RowBlocks.Of(logits), Smoothing = smoothing,
        };
        RunLaneSums(job, job.Blocks.Items);
    }

    protected override void RunCrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        var job = new CrossEntropyBackwardJob
        {
            Probabilities = Pointer(probabilities), Labels = Pointer(labels), Gradient = Pointer(dLogits), Blocks = RowBlocks.Of(probabilities),
            Smoothing = smoothing, Factor = scale,
        };
        RunVector(job, job.Blocks.Items);
    }

    protected override void RunFocalForward(Tensor logits, Tensor targets, Tensor probabilities, Tensor losses, float focus)
    {
        if (logits.Count == 0) return;
        var job = new FocalForwardJob
        {
            Logits = Pointer(logits), Targets = Pointer(targets), Probabilities = Pointer(probabilities), Losses = Pointer(losses), Blocks = RowBlocks.Of(logits), Focus = focus,
        };
        RunLaneSums(job, job.Blocks.Items);
    }

    protected override void RunFocalBackward(Tensor probabilities, Tensor targets, Tensor dLogits, float focus, float scale)
    {
        var job = new FocalBackwardJob
        {
            Probabilities = Pointer(probabilities), Targets = Pointer(targets), Gradient = Pointer(dLogits), Blocks = RowBlocks.Of(probabilities), Focus = focus, Factor = scale,
        };
        _workers.Run(job, job.Blocks.Items);
    }

    protected override void RunSmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        var job = new SmoothL1ForwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Losses = Pointer(losses), Beta = beta, Blocks = RowBlocks.Of(predictions),
        };
        _workers.Run(job, job.Blocks.Items);
    }

    protected override void RunSmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        var job = new SmoothL1BackwardJob
        {
            Predictions = Pointer(predictions), Targets = Pointer(targets), Weights = Pointer(weights), Gradient = Pointer(dPredictions),
            Beta = beta, Factor = scale, Blocks = RowBlocks.Of(predictions),
        };
        _workers.Run(job, job.Blocks.Items);
    }
}
