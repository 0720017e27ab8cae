namespace IlgpuSpp.Engine;

// Local response normalisation and batch normalisation. Maps are [n, h, w, c]; batch normalisation also takes [n, c].
public abstract partial class Backend
{
    /// <summary>y = x·s^(−β) with s = k + α·(mean of squares in the region, zeros outside counted). Scale, where given, receives s for the backward pass.</summary>
    public abstract void LrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry);

    /// <summary>dx = dy·s^(−β) − (2αβ/m)·x·Σ dy·y/s over the windows that hold the element, m being n² or n.</summary>
    public abstract void LrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry);

    /// <summary>
    /// y = γ·(x − mean)/√(variance + ε) + β with the statistics of this batch, over all rows, per channel. Saves the mean and
    /// 1/√(variance + ε) for the backward pass and moves the running statistics: r ← (1 − momentum)·r + momentum·new, the
    /// running variance with the unbiased estimate, as in PyTorch. <c>γ, β, mean, invStd, running…: [c]</c>.
    /// </summary>
    public abstract void BatchNormForwardTraining(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor invStd, Tensor runningMean, Tensor runningVariance, float momentum, float epsilon);

    /// <summary>y = γ·(x − runningMean)/√(runningVariance + ε) + β.</summary>
    public abstract void BatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon);

    /// <summary>dx = …, dGamma += …, dBeta += … of <see cref="BatchNormForwardTraining"/>.</summary>
    public abstract void BatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta);
}
