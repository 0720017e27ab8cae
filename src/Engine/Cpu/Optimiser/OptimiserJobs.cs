namespace IlgpuSpp.Engine.Cpu;

/// <summary>One parameter of an optimiser's call, as raw memory.</summary>
internal unsafe struct SlotMemory
{
    public float* Value, Gradient, First, Second;
    public long Count;
    public float Rate, Decay;

    /// <summary>The number of this slot's first item among the items of all slots.</summary>
    public int FirstItem;
}

/// <summary>The slots of a call; items are chunks of the slots, one slot after another.</summary>
internal unsafe struct SlotList
{
    public SlotMemory* Slots;
    public int Count;

    /// <summary>The slot an item belongs to and the elements it covers.</summary>
    public readonly SlotMemory* Find(int item, out long start, out long end)
    {
        int low = 0, high = Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Slots[middle].FirstItem <= item) low = middle;
            else high = middle - 1;
        }
        (start, end) = ElementChunks.Range(item - Slots[low].FirstItem, Slots[low].Count);
        return Slots + low;
    }
}

/// <summary>What a step does to every element of a slot.</summary>
internal interface ISlotMap
{
    /// <summary>Computes and stores the elements of one vector.</summary>
    void Element<TLanes>(in SlotMemory slot, long i)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>A map over one chunk of one slot.</summary>
internal unsafe struct SlotMapJob<TMap> : IVectorJob
    where TMap : unmanaged, ISlotMap
{
    public SlotList List;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        SlotMemory slot = *List.Find(item, out long i, out long end);
        TMap map = Map;
        for (; i + TLanes.Count <= end; i += TLanes.Count) map.Element<TLanes>(slot, i);
        for (; i < end; i++) map.Element<LanesScalar>(slot, i);
    }
}

/// <summary>Stochastic gradient descent.</summary>
internal unsafe struct SgdMap : ISlotMap
{
    public float Momentum, GradientScale;
    public bool Nesterov, ClearGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void ISlotMap.Element<TLanes>(in SlotMemory slot, long i)
    {
        TLanes w = TLanes.Load(slot.Value + i), before = TLanes.Load(slot.First + i), momentum = TLanes.Splat(Momentum);
        TLanes g = TLanes.Load(slot.Gradient + i) * TLanes.Splat(GradientScale) + w * TLanes.Splat(slot.Decay);
        TLanes v = momentum * before + TLanes.Splat(slot.Rate) * g;
        TLanes step = Nesterov ? (TLanes.Splat(1) + momentum) * v - momentum * before : v;
        v.Store(slot.First + i);
        (w - step).Store(slot.Value + i);
        if (ClearGradient) TLanes.Splat(0).Store(slot.Gradient + i);
    }
}

/// <summary>AdamW.</summary>
internal unsafe struct AdamWMap : ISlotMap
{
    public float Beta1, Beta2, Rest1, Rest2, Epsilon, GradientScale;

    /// <summary>1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ).</summary>
    public float Correction1, Correction2;

    public bool ClearGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void ISlotMap.Element<TLanes>(in SlotMemory slot, long i)
    {
        TLanes w = TLanes.Load(slot.Value + i), g = TLanes.Load(slot.Gradient + i) * TLanes.Splat(GradientScale);
        TLanes m = TLanes.Splat(Beta1) * TLanes.Load(slot.First + i) + TLanes.Splat(Rest1) * g;
        TLanes v = TLanes.Splat(Beta2) * TLanes.Load(slot.Second + i) + TLanes.Splat(Rest2) * (g * g);
        m.Store(slot.First + i);
        v.Store(slot.Second + i);
        TLanes direction = m * TLanes.Splat(Correction1) / (TLanes.Sqrt(v * TLanes.Splat(Correction2)) + TLanes.Splat(Epsilon));
        (w - TLanes.Splat(slot.Rate) * (direction + TLanes.Splat(slot.Decay) * w)).Store(slot.Value + i);
        if (ClearGradient) TLanes.Splat(0).Store(slot.Gradient + i);
    }
}

/// <summary>Exponential moving average: <c>Value</c> is the average, <c>Gradient</c> the new value.</summary>
internal readonly unsafe struct ExponentialAverageMap(float decay) : ISlotMap
{
    private readonly float _rest = 1 - decay;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void ISlotMap.Element<TLanes>(in SlotMemory slot, long i) =>
        (TLanes.Load(slot.Value + i) * TLanes.Splat(decay) + TLanes.Load(slot.Gradient + i) * TLanes.Splat(_rest)).Store(slot.Value + i);
}
