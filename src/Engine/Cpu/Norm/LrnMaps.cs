namespace IlgpuSpp.Engine.Cpu;

/// <summary>What a local response normalisation sums over its windows, and what it makes of the sum.</summary>
internal interface ILrnMap
{
    TLanes Term<TLanes>(long at)
        where TLanes : unmanaged, ILanes<TLanes>;

    void Finish<TLanes>(TLanes sum, long at)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>The windows that a local response normalisation sums over, and how they are cut into items.</summary>
internal unsafe interface ILrnRegion
{
    int Items { get; }

    /// <summary>Floats of scratch for one worker.</summary>
    long ScratchLength { get; }

    void Run<TLanes, TMap>(int item, float* scratch, TMap map)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMap : unmanaged, ILrnMap;
}

/// <summary>A local response normalisation, forwards or backwards.</summary>
internal unsafe struct LrnJob<TRegion, TMap> : IVectorJob
    where TRegion : unmanaged, ILrnRegion
    where TMap : unmanaged, ILrnMap
{
    public TRegion Region;
    public TMap Map;
    public float* Scratch;

    readonly void IVectorJob.Run<TLanes>(int item, int worker) => Region.Run<TLanes, TMap>(item, Scratch + worker * Region.ScratchLength, Map);
}

/// <summary>y = x·s^−β, where s = k + factor·Σ x².</summary>
internal unsafe struct LrnForwardMap : ILrnMap
{
    public float* X, Y, S;
    public float Factor, Beta, K;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly TLanes ILrnMap.Term<TLanes>(long at)
    {
        TLanes value = TLanes.Load(X + at);
        return value * value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void ILrnMap.Finish<TLanes>(TLanes sum, long at)
    {
        TLanes s = TLanes.Splat(K) + TLanes.Splat(Factor) * sum;
        if (S is not null) s.Store(S + at);
        (TLanes.Load(X + at) * VectorMath.NegativePower(s, Beta)).Store(Y + at);
    }
}

/// <summary>dx = dy·s^−β − coefficient·x·Σ dy·y/s.</summary>
internal unsafe struct LrnBackwardMap : ILrnMap
{
    public float* X, Y, S, Dy, Dx;
    public float Coefficient, Beta;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly TLanes ILrnMap.Term<TLanes>(long at) => TLanes.Load(Dy + at) * TLanes.Load(Y + at) / TLanes.Load(S + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void ILrnMap.Finish<TLanes>(TLanes sum, long at)
    {
        TLanes direct = TLanes.Load(Dy + at) * VectorMath.NegativePower(TLanes.Load(S + at), Beta);
        (direct - TLanes.Splat(Coefficient) * TLanes.Load(X + at) * sum).Store(Dx + at);
    }
}
