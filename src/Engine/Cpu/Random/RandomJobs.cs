namespace IlgpuSpp.Engine.Cpu;

/// <summary>What becomes of the random words of one vector of elements.</summary>
internal interface IRandomMap
{
    /// <summary>The result for elements i, i + 1, …</summary>
    /// <param name="uniform">Uniform numbers of the elements' words.</param>
    /// <param name="x">The elements' input.</param>
    TLanes Apply<TLanes>(TLanes uniform, TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>low + (high − low)·u.</summary>
internal readonly struct UniformMap(float low, float high) : IRandomMap
{
    private readonly float _low = low, _range = high - low;

    TLanes IRandomMap.Apply<TLanes>(TLanes uniform, TLanes x) => TLanes.Splat(_low) + TLanes.Splat(_range) * uniform;
}

/// <summary>x/(1 − rate) where u is at least the rate, 0 elsewhere.</summary>
internal readonly struct DropoutMap(float rate) : IRandomMap
{
    private readonly float _rate = rate, _keep = 1 - rate;

    TLanes IRandomMap.Apply<TLanes>(TLanes uniform, TLanes x) =>
        TLanes.LessOrEqual(TLanes.Splat(_rate), uniform) & (x / TLanes.Splat(_keep));
}

/// <summary>y = f(u, x) over one chunk, u drawn from the chunk's part of a Philox stream.</summary>
internal unsafe struct RandomJob<TMap> : IVectorJob
    where TMap : unmanaged, IRandomMap
{
    private const int WordsPerRun = 512;

    /// <summary>The input; the output itself where the map reads none.</summary>
    public float* X, Y;

    public long Count;
    public RandomKey Key;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (start, end) = ElementChunks.Range(item, Count);
        float* words = stackalloc float[WordsPerRun];
        TMap map = Map;
        for (long i = start; i < end; i += WordsPerRun)
        {
            int count = (int)Math.Min(WordsPerRun, end - i), j = 0;
            PhiloxWords.Fill(Key, (ulong)i / 4, (uint*)words, WordsPerRun / 4, TLanes.Count);
            for (; j + TLanes.Count <= count; j += TLanes.Count)
                map.Apply(RandomLanes.Uniform(TLanes.Load(words + j)), TLanes.Load(X + i + j)).Store(Y + i + j);
            for (; j < count; j++)
                map.Apply(RandomLanes.Uniform(LanesScalar.Load(words + j)), LanesScalar.Load(X + i + j)).Store(Y + i + j);
        }
    }
}

/// <summary>y = mean + deviation·z over one chunk, z by Box and Muller from pairs of words.</summary>
internal unsafe struct NormalJob : IVectorJob
{
    private const int PairsPerRun = 256;

    public float* Y;
    public long Count;
    public RandomKey Key;
    public float Mean, Deviation;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        var (start, end) = ElementChunks.Range(item, Count);
        float* words = stackalloc float[2 * PairsPerRun];
        float* radii = stackalloc float[PairsPerRun], angles = stackalloc float[PairsPerRun];
        for (long i = start; i < end; i += 2 * PairsPerRun)
        {
            PhiloxWords.Fill(Key, (ulong)i / 4, (uint*)words, PairsPerRun / 2, TLanes.Count);
            for (int p = 0; p < PairsPerRun; p++)
            {
                radii[p] = words[2 * p];
                angles[p] = words[2 * p + 1];
            }
            for (int p = 0; p < PairsPerRun; p += TLanes.Count)
            {
                TLanes u = RandomLanes.Uniform(TLanes.Load(radii + p));
                TLanes radius = TLanes.Sqrt(TLanes.Splat(-2) * VectorMath.Log(TLanes.Splat(1) - u));
                var (sine, cosine) = VectorMath.SinCosTurns(RandomLanes.Uniform(TLanes.Load(angles + p)));
                TLanes mean = TLanes.Splat(Mean), deviation = TLanes.Splat(Deviation);
                (mean + deviation * (radius * cosine)).Store(radii + p);
                (mean + deviation * (radius * sine)).Store(angles + p);
            }
            int count = (int)Math.Min(2 * PairsPerRun, end - i);
            for (int j = 0; j < count; j++) Y[i + j] = (j & 1) == 0 ? radii[j / 2] : angles[j / 2];
        }
    }
}

/// <summary>Random words in vectors.</summary>
internal static class RandomLanes
{
    /// <summary><see cref="Philox.ToUniform"/> of every lane's word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Uniform<TLanes>(TLanes words)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.BitsToFloat(TLanes.ShiftRightBits(words, 8)) * TLanes.Splat(1f / 16777216f);
}
