namespace IlgpuSpp.Engine;

// Parameter updates, over all parameters in one call.
public abstract partial class Backend
{
    /// <summary>
    /// Caffe's order: g ← s·g + λ·decayMult·w; v ← μ·v + lr·lrMult·g; w ← w − v. Nesterov: w ← w − ((1 + μ)·v − μ·v_before).
    /// Slots need <see cref="OptimiserSlot.FirstState"/>.
    /// </summary>
    public abstract void SgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step);

    /// <summary>AdamW: w ← w − lr·lrMult·(m̂/(√v̂ + ε) + λ·decayMult·w). Slots need both states.</summary>
    public abstract void AdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step);

    /// <summary>average ← decay·average + (1 − decay)·value for every pair; both spans have the same length.</summary>
    public abstract void ExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay);
}
