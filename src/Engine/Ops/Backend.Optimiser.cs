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
        foreach (OptimiserSlot slot in slots) Written(slot.Value, slot.Gradient, slot.FirstState, slot.SecondState);
    }

    /// <summary>AdamW: w ← w − lr·lrMult·(m̂/(√v̂ + ε) + λ·decayMult·w). Slots need both states.</summary>
    public void AdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step)
    {
        OpChecks.StepNumber(nameof(AdamWUpdate), step.Step);
        OpChecks.Slots(nameof(AdamWUpdate), slots, states: 2);
        RunAdamWUpdate(slots, step);
        foreach (OptimiserSlot slot in slots) Written(slot.Value, slot.Gradient, slot.FirstState, slot.SecondState);
    }

    /// <summary>average ← decay·average + (1 − decay)·value for every pair; both spans have the same length.</summary>
    public void ExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay)
    {
        OpChecks.Pairs(nameof(ExponentialAverage), averages, values);
        RunExponentialAverage(averages, values, decay);
        Written(averages);
    }
}

/// <summary>One parameter as the optimiser sees it. All tensors have the parameter's shape.</summary>
/// <param name="Value">The parameter.</param>
/// <param name="Gradient">Its accumulated gradient.</param>
/// <param name="FirstState">SGD: the velocity v. AdamW: the mean m.</param>
/// <param name="SecondState">AdamW: the uncentred variance. SGD: not used.</param>
/// <param name="LearningRateMultiplier">Multiplies the learning rate, at least 0.</param>
/// <param name="DecayMultiplier">Multiplies the weight decay, at least 0.</param>
public readonly record struct OptimiserSlot(
    Tensor Value, Tensor Gradient, Tensor? FirstState, Tensor? SecondState, float LearningRateMultiplier, float DecayMultiplier);

/// <summary>One step of stochastic gradient descent, in Caffe's order.</summary>
/// <param name="LearningRate">lr, at least 0.</param>
/// <param name="Momentum">μ in [0, 1).</param>
/// <param name="WeightDecay">λ, at least 0.</param>
/// <param name="Nesterov">Whether the step looks ahead along the velocity.</param>
/// <param name="GradientScale">Multiplies the gradient first: gradient clipping and loss averaging.</param>
/// <param name="ClearGradient">Whether the gradient is set to zero in the same pass.</param>
public readonly record struct SgdStep(float LearningRate, float Momentum, float WeightDecay, bool Nesterov = false, float GradientScale = 1, bool ClearGradient = false);

/// <summary>One step of AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", Algorithm 2).</summary>
/// <param name="LearningRate">α, at least 0.</param>
/// <param name="Beta1">β₁ in [0, 1).</param>
/// <param name="Beta2">β₂ in [0, 1).</param>
/// <param name="Epsilon">ε, above 0, added to the root.</param>
/// <param name="WeightDecay">λ, at least 0; each step subtracts α·λ·w.</param>
/// <param name="Step">Number of this step, from 1, for the bias correction.</param>
/// <param name="GradientScale">Multiplies the gradient first.</param>
/// <param name="ClearGradient">Whether the gradient is set to zero in the same pass.</param>
public readonly record struct AdamWStep(float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale = 1, bool ClearGradient = false);
