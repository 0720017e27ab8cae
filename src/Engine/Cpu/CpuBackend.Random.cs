namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void FillUniform(Tensor y, float low, float high, RandomKey key) => Draw(new UniformMap(low, high), y, y, key);

    /// <inheritdoc/>
    public override void FillNormal(Tensor y, float mean, float deviation, RandomKey key) =>
        RunVector(new NormalJob { Y = Pointer(y), Count = y.Count, Key = key, Mean = mean, Deviation = deviation }, ElementChunks.Items(y.Count));

    /// <inheritdoc/>
    public override void DropoutForward(Tensor x, Tensor y, float rate, RandomKey key)
    {
        OpChecks.SameCount(x, y);
        OpChecks.Rate(nameof(DropoutForward), rate);
        Draw(new DropoutMap(rate), x, y, key);
    }

    /// <inheritdoc/>
    public override void DropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key)
    {
        OpChecks.SameCount(dy, dx);
        OpChecks.Rate(nameof(DropoutBackward), rate);
        Draw(new DropoutMap(rate), dy, dx, key);
    }

    private void Draw<TMap>(TMap map, Tensor x, Tensor y, RandomKey key)
        where TMap : unmanaged, IRandomMap =>
        RunVector(new RandomJob<TMap> { X = Pointer(x), Y = Pointer(y), Count = y.Count, Key = key, Map = map }, ElementChunks.Items(y.Count));
}
