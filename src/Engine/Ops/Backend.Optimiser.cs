namespace IlgpuSpp.Engine;

// Parameter updates, over all parameters in one call.
public abstract partial class Backend
{
    /// <summary>
    /// Caffe's order: g ← s·g + λ·decayMult·w; v ← μ·v + lr·lrMult·g; w ← w − v. Nesterov: w ← w − ((1 + μ)·v − μ·v_before).
    /// Slots need <see cref="OptimiserSlot.FirstState"/>.
    /// </summary>
    public void SgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step)
    {
        OpChecks.Slots(nameof(SgdUpdate), slots, states: 1);
        RunSgdUpdate(slots, step);
    }

    /// <summary>AdamW: w ← w − lr·lrMult·(m̂/(√v̂ + ε) + λ·decayMult·w). Slots need both states.</summary>
    public void AdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step)
    {
        OpChecks.StepNumber(nameof(AdamWUpdate), step.Step);
        OpChecks.Slots(nameof(AdamWUpdate), slots, states: 2);
        RunAdamWUpdate(slots, step);
    }

    /// <summary>average ← decay·average + (1 − decay)·value for every pair; both spans have the same length.</summary>
    public void ExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay)
    {
        OpChecks.Pairs(nameof(ExponentialAverage), averages, values);
        RunExponentialAverage(averages, values, decay);
    }
}
