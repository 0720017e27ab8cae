namespace IlgpuSpp.Engine.Cpu;

internal readonly struct AddMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a + b;
}

internal readonly struct MultiplyMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a * b;
}

internal readonly struct ScaleMap(float scale) : IUnaryMap
{
    private readonly float _scale = scale;

    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => x * TLanes.Splat(_scale);
}

/// <summary>b + scale·a.</summary>
internal readonly struct AccumulateMap(float scale) : IBinaryMap
{
    private readonly float _scale = scale;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b + a * TLanes.Splat(_scale);
}

/// <summary>decay·a + (1 − decay)·b.</summary>
internal readonly struct AverageMap(float decay) : IBinaryMap
{
    private readonly float _decay = decay, _rest = 1 - decay;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => a * TLanes.Splat(_decay) + b * TLanes.Splat(_rest);
}

/// <summary>max(0, x); NaN stays NaN, so that a diverged run is seen.</summary>
internal readonly struct ReluMap : IUnaryMap
{
    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.AndNot(x, TLanes.LessOrEqual(x, TLanes.Splat(0)));
}

internal readonly struct LeakyReluMap(float slope) : IUnaryMap
{
    private readonly float _slope = slope;

    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), x), x, x * TLanes.Splat(_slope));
}

internal readonly struct SigmoidMap : IUnaryMap
{
    public TLanes Apply<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Splat(1);
        return one / (one + VectorMath.Exp(TLanes.Splat(0) - x));
    }
}

/// <summary>b where the output a is positive, 0 elsewhere.</summary>
internal readonly struct ReluGradientMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b & TLanes.Less(TLanes.Splat(0), a);
}

internal readonly struct LeakyReluGradientMap(float slope) : IBinaryMap
{
    private readonly float _slope = slope;

    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Select(TLanes.Less(TLanes.Splat(0), a), b, b * TLanes.Splat(_slope));
}

internal readonly struct SigmoidGradientMap : IBinaryMap
{
    public TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : unmanaged, ILanes<TLanes> => b * (a * (TLanes.Splat(1) - a));
}
