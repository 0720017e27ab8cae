namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunLrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry)
    {
        if (x.Count == 0) return;
        RunLrn(new LrnForwardMap { X = Pointer(x), Y = Pointer(y), S = PointerOrNull(scale), Factor = LrnFactor(geometry), Beta = geometry.Beta, K = geometry.K }, x.Shape, geometry);
    }

    protected override void RunLrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry)
    {
        if (x.Count == 0) return;
        var map = new LrnBackwardMap
        {
            X = Pointer(x), Y = Pointer(y), S = Pointer(scale), Dy = Pointer(dy), Dx = Pointer(dx), Coefficient = 2 * geometry.Beta * LrnFactor(geometry), Beta = geometry.Beta,
        };
        RunLrn(map, x.Shape, geometry);
    }

    private void RunLrn<TMap>(TMap map, Shape shape, LrnGeometry geometry)
        where TMap : unmanaged, ILrnMap
    {
        if (geometry.Region == LrnRegion.WithinChannel)
            RunLrn(new LrnWithinChannel { Images = shape.Batch, Height = shape.Height, Width = shape.Width, Channels = shape.Channels, Size = geometry.Size }, map);
        else
            RunLrn(new LrnAcrossChannels { Pixels = shape.Count / shape.Channels, Channels = shape.Channels, Size = geometry.Size }, map);
    }

    private void RunLrn<TRegion, TMap>(TRegion region, TMap map)
        where TRegion : unmanaged, ILrnRegion
        where TMap : unmanaged, ILrnMap
    {
        using Borrowed scratch = _memory.Borrow(region.ScratchLength * _workers.Threads);
        RunVector(new LrnJob<TRegion, TMap> { Region = region, Map = map, Scratch = scratch.Pointer }, region.Items);
    }

    protected override void RunBatchNormForwardTraining(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor invStd, Tensor runningMean, Tensor runningVariance, float momentum, float epsilon)
    {
        if (x.Count == 0) return;
        RowChunks chunks = Chunks(x);
        using Borrowed moments = _memory.Borrow(2L * chunks.Count * chunks.Columns);
        RunColumns(new BatchNormMomentsMap { X = Pointer(x), Moments = moments.Pointer }, chunks);
        var statistics = new BatchNormStatisticsJob
        {
            Moments = moments.Pointer, Mean = Pointer(mean), InvStd = Pointer(invStd), RunningMean = Pointer(runningMean),
            RunningVariance = Pointer(runningVariance), Chunks = chunks, Momentum = momentum, Epsilon = epsilon,
        };
        _workers.Run(statistics, ChannelItems(chunks.Columns));
        Normalise(x, y, mean, Pointer(invStd), gamma, beta, chunks);
    }

    protected override void RunBatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon)
    {
        if (x.Count == 0) return;
        RowChunks chunks = Chunks(x);
        using Borrowed invStd = _memory.Borrow(chunks.Columns);
        var job = new InverseDeviationJob
        {
            Variance = Pointer(runningVariance), InvStd = invStd.Pointer, Channels = chunks.Columns, Epsilon = epsilon,
        };
        _workers.Run(job, ChannelItems(chunks.Columns));
        Normalise(x, y, runningMean, invStd.Pointer, gamma, beta, chunks);
    }

    protected override void RunBatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta)
    {
        if (x.Count == 0) return;
        RowChunks chunks = Chunks(x);
        int channels = chunks.Columns;
        long partialLength = 2L * chunks.Count * channels;
        using Borrowed scratch = _memory.Borrow(partialLength + 2L * channels);
        float* partial = scratch.Pointer, sums = partial + partialLength;
        RunColumns(new BatchNormGradientSumsMap { X = Pointer(x), Dy = Pointer(dy), Mean = Pointer(mean), InvStd = Pointer(invStd), Sums = partial }, chunks);
        JoinSums(partial, 2L * channels, chunks, sums, accumulate: false);
        JoinSums(partial + channels, 2L * channels, chunks, sums + channels, accumulate: false);
        var map = new BatchNormBackwardMap
        {
            X = Pointer(x), Dy = Pointer(dy), Dx = Pointer(dx), Mean = Pointer(mean), InvStd = Pointer(invStd),
            Gamma = Pointer(gamma), Sums = sums, Rows = chunks.Rows, Channels = channels,
        };
        RunRows(map, chunks);
        float* targetBeta = Pointer(dBeta), targetGamma = Pointer(dGamma);
        for (int c = 0; c < channels; c++)
        {
            targetBeta[c] += sums[c];
            targetGamma[c] += sums[channels + c];
        }
    }

    private static RowChunks Chunks(Tensor x) => new(x.Count / x.Shape.Channels, x.Shape.Channels);

    private static int ChannelItems(int channels) =>
        (channels + BatchNormStatisticsJob.ChannelsPerItem - 1) / BatchNormStatisticsJob.ChannelsPerItem;

    private static float LrnFactor(LrnGeometry geometry) =>
        geometry.Alpha / (geometry.Region == LrnRegion.WithinChannel ? geometry.Size * geometry.Size : geometry.Size);

    private void Normalise(Tensor x, Tensor y, Tensor mean, float* invStd, Tensor gamma, Tensor beta, RowChunks chunks) =>
        RunRows(new BatchNormNormaliseMap { X = Pointer(x), Y = Pointer(y), Mean = Pointer(mean), InvStd = invStd, Gamma = Pointer(gamma), Beta = Pointer(beta) }, chunks);
}
