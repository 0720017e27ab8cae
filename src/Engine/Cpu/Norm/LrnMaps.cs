namespace IlgpuSpp.Engine.Cpu;

/// <summary>What a local response normalisation sums over its windows, and what it makes of the sum.</summary>
internal interface ILrnMap
{
    TLanes Term<TLanes>(long at)
        where TLanes : unmanaged, ILanes<TLanes>;

    void Finish<TLanes>(TLanes sum, long at)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>y = x·s^−β, where s = k + factor·Σ x².</summary>
internal unsafe struct LrnForwardMap : ILrnMap
{
    public float* X, Y, S;
    public float Factor, Beta, K;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TLanes Term<TLanes>(long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes value = TLanes.Load(X + at);
        return value * value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Finish<TLanes>(TLanes sum, long at)
        where TLanes : unmanaged, ILanes<TLanes>
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
    public readonly TLanes Term<TLanes>(long at)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(Dy + at) * TLanes.Load(Y + at) / TLanes.Load(S + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Finish<TLanes>(TLanes sum, long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes direct = TLanes.Load(Dy + at) * VectorMath.NegativePower(TLanes.Load(S + at), Beta);
        (direct - TLanes.Splat(Coefficient) * TLanes.Load(X + at) * sum).Store(Dx + at);
    }
}
