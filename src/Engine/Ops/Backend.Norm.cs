namespace IlgpuSpp.Engine;

// Local response normalisation and batch normalisation. Maps are [n, h, w, c]; batch normalisation also takes [n, c].
public abstract partial class Backend
{
    /// <summary>y = x·s^(−β) with s = k + α·(mean of squares in the region, zeros outside counted). Scale, where given, receives s for the backward pass.</summary>
    public void LrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry)
    {
        OpChecks.Lrn(nameof(LrnForward), x, geometry);
        OpChecks.Expect(nameof(LrnForward), "y", x.Shape, y.Shape);
        if (scale is not null) OpChecks.Expect(nameof(LrnForward), "scale", x.Shape, scale.Shape);
        OpChecks.Separate(nameof(LrnForward), y, x, scale);
        OpChecks.Separate(nameof(LrnForward), scale, x);
        RunLrnForward(x, y, scale, geometry);
        Written(y, scale);
    }

    /// <summary>dx = dy·s^(−β) − (2αβ/m)·x·Σ dy·y/s over the windows that hold the element, m being n² or n.</summary>
    public void LrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry)
    {
        OpChecks.Lrn(nameof(LrnBackward), x, geometry);
        OpChecks.Expect(nameof(LrnBackward), "y", x.Shape, y.Shape);
        OpChecks.Expect(nameof(LrnBackward), "scale", x.Shape, scale.Shape);
        OpChecks.Expect(nameof(LrnBackward), "dy", x.Shape, dy.Shape);
        OpChecks.Expect(nameof(LrnBackward), "dx", x.Shape, dx.Shape);
        OpChecks.Separate(nameof(LrnBackward), dx, x, y, scale, dy);
        RunLrnBackward(x, y, scale, dy, dx, geometry);
        Written(dx);
    }

    /// <summary>
    /// y = γ·(x − mean)/√(variance + ε) + β with the statistics of this batch, over all rows, per channel. Saves the mean and
    /// 1/√(variance + ε) for the backward pass and moves the running statistics: r ← (1 − momentum)·r + momentum·new, the
    /// running variance with the unbiased estimate, as in PyTorch. <c>γ, β, mean, invStd, running…: [c]</c>.
    /// </summary>
    public void BatchNormForwardTraining(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor invStd, Tensor runningMean, Tensor runningVariance, float momentum, float epsilon)
    {
        OpChecks.Expect(nameof(BatchNormForwardTraining), "y", x.Shape, y.Shape);
        OpChecks.PerChannel(nameof(BatchNormForwardTraining), x, gamma, beta, mean, invStd, runningMean, runningVariance);
        OpChecks.Separate(nameof(BatchNormForwardTraining), y, x, gamma, beta, mean, invStd, runningMean, runningVariance);
        RunBatchNormForwardTraining(x, gamma, beta, y, mean, invStd, runningMean, runningVariance, momentum, epsilon);
        Written(y, mean, invStd, runningMean, runningVariance);
    }

    /// <summary>y = γ·(x − runningMean)/√(runningVariance + ε) + β.</summary>
    public void BatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon)
    {
        OpChecks.Expect(nameof(BatchNormForwardInference), "y", x.Shape, y.Shape);
        OpChecks.PerChannel(nameof(BatchNormForwardInference), x, gamma, beta, runningMean, runningVariance);
        OpChecks.Separate(nameof(BatchNormForwardInference), y, x, gamma, beta, runningMean, runningVariance);
        RunBatchNormForwardInference(x, gamma, beta, y, runningMean, runningVariance, epsilon);
        Written(y);
    }

    /// <summary>dx = …, dGamma += …, dBeta += … of <see cref="BatchNormForwardTraining"/>.</summary>
    public void BatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta)
    {
        OpChecks.Expect(nameof(BatchNormBackward), "dy", x.Shape, dy.Shape);
        OpChecks.Expect(nameof(BatchNormBackward), "dx", x.Shape, dx.Shape);
        OpChecks.PerChannel(nameof(BatchNormBackward), x, gamma, mean, invStd, dGamma, dBeta);
        OpChecks.Separate(nameof(BatchNormBackward), dx, x, gamma, mean, invStd, dy, dGamma, dBeta);
        RunBatchNormBackward(x, gamma, mean, invStd, dy, dx, dGamma, dBeta);
        Written(dx, dGamma, dBeta);
    }
}

/// <summary>Where local response normalisation sums squares.</summary>
public enum LrnRegion
{
    /// <summary>A square of the same channel: s = k + (α/n²)·Σx². The released ZF-5 (n = 3).</summary>
    WithinChannel,

    /// <summary>Neighbouring channels of the same pixel: s = k + (α/n)·Σx². AlexNet's form (n = 5).</summary>
    AcrossChannels,
}

/// <summary>
/// Local response normalisation y = x·s^(−β). Elements outside the map or the channels count as zero and the divisor
/// stays n² or n at the borders, as in Caffe.
/// </summary>
/// <param name="Region">Where squares are summed.</param>
/// <param name="Size">Side n of the window, odd.</param>
/// <param name="Alpha">α, at least 0.</param>
/// <param name="Beta">β, above 0.</param>
/// <param name="K">k, above 0; 1 in Caffe.</param>
public readonly record struct LrnGeometry(LrnRegion Region, int Size, float Alpha, float Beta, float K = 1);
