namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunFillUniform(Tensor y, float low, float high, RandomKey key) => Draw(new UniformMap(low, high), y, y, key);

    protected override void RunFillNormal(Tensor y, float mean, float deviation, RandomKey key) =>
        RunVector(new NormalJob { Y = Pointer(y), Count = y.Count, Key = key, Mean = mean, Deviation = deviation }, ElementChunks.Items(y.Count));

    protected override void RunDropoutForward(Tensor x, Tensor y, float rate, RandomKey key) => Draw(new DropoutMap(rate), x, y, key);

    protected override void RunDropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key) => Draw(new DropoutMap(rate), dy, dx, key);

    private void Draw<TMap>(TMap map, Tensor x, Tensor y, RandomKey key)
        where TMap : unmanaged, IRandomMap =>
        RunVector(new RandomJob<TMap> { X = Pointer(x), Y = Pointer(y), Count = y.Count, Key = key, Map = map }, ElementChunks.Items(y.Count));
}
