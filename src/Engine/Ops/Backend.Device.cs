namespace IlgpuSpp.Engine;

// What a device implements. The public operation of the same name has checked the operands.
public abstract partial class Backend
{
    protected abstract void RunFill(Tensor y, float value);
    protected abstract void RunCopy(Tensor x, Tensor y);
    protected abstract void RunAdd(Tensor a, Tensor b, Tensor y);
    protected abstract void RunMultiply(Tensor a, Tensor b, Tensor y);
    protected abstract void RunScale(Tensor x, float scale, Tensor y);
    protected abstract void RunAccumulate(Tensor x, float scale, Tensor y);
    protected abstract void RunActivationForward(Activation activation, Tensor x, Tensor y);
    protected abstract void RunActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx);
    protected abstract void RunPReluForward(Tensor x, Tensor slope, Tensor y);
    protected abstract void RunPReluBackward(Tensor x, Tensor slope, Tensor dy, Tensor? dx, Tensor? dSlope);
    protected abstract void RunConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y);
    protected abstract void RunConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients);

    protected abstract void RunGemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c);
    protected abstract void RunLinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation);
    protected virtual PackedInt8? RunPackInt8(Tensor w) => null;
    protected virtual void RunLinearForward(Tensor x, PackedInt8 packed, Tensor? bias, Tensor y, Activation activation) => throw new NotSupportedException($"{Device.Name} packs no weights.");
    protected abstract void RunLinearBackwardInput(Tensor dy, Tensor w, Tensor dx);
    protected abstract void RunLinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias);

    protected abstract void RunConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation);
    protected virtual PackedConv? RunPackConv(ConvSource source) => null;
    protected virtual void RunConvForward(Tensor x, PackedConv packed, Tensor? added, Tensor y, Activation activation) => throw new NotSupportedException($"{Device.Name} packs no weights.");
    protected abstract void RunConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry);
    protected abstract void RunConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry);

    protected abstract void RunMaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry);
    protected abstract void RunMaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry);
    protected abstract void RunAveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor);
    protected abstract void RunAveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor);

    protected abstract void RunPyramidForward(Tensor x, Tensor y, Tensor<int>? argmax, Pyramid pyramid);
    protected abstract void RunPyramidBackward(Tensor dy, Tensor<int> argmax, Tensor dx, Pyramid pyramid);
    protected abstract void RunWindowPyramidForward(Tensor x, Tensor<int> windows, Tensor y, Tensor<int>? argmax, Pyramid pyramid);
    protected abstract void RunWindowPyramidBackward(Tensor dy, Tensor<int> windows, Tensor<int> argmax, Tensor dx, Pyramid pyramid);

    protected abstract void RunLrnForward(Tensor x, Tensor y, Tensor? scale, LrnGeometry geometry);
    protected abstract void RunLrnBackward(Tensor x, Tensor y, Tensor scale, Tensor dy, Tensor dx, LrnGeometry geometry);
    protected abstract void RunBatchNormForwardTraining(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor invStd, Tensor runningMean, Tensor runningVariance, float momentum, float epsilon);
    protected abstract void RunBatchNormForwardInference(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor runningMean, Tensor runningVariance, float epsilon);
    protected abstract void RunBatchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor invStd, Tensor dy, Tensor dx, Tensor dGamma, Tensor dBeta);

    protected abstract void RunSoftmax(Tensor x, Tensor y);
    protected abstract void RunCrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing);
    protected abstract void RunCrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale);
    protected abstract void RunFocalForward(Tensor logits, Tensor targets, Tensor probabilities, Tensor losses, float focus);
    protected abstract void RunFocalBackward(Tensor probabilities, Tensor targets, Tensor dLogits, float focus, float scale);
    protected abstract void RunSmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta);
    protected abstract void RunSmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale);

    protected abstract void RunSum(Tensor x, Tensor result);
    protected abstract void RunSumOfSquares(Tensor x, Tensor result, bool accumulate);
    protected abstract void RunColumnSums(Tensor x, Tensor sums, bool accumulate);
    protected abstract void RunArgmaxRows(Tensor x, Tensor<int> result);
    protected abstract void RunLabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks);

    protected abstract void RunFillUniform(Tensor y, float low, float high, RandomKey key);
    protected abstract void RunFillNormal(Tensor y, float mean, float deviation, RandomKey key);
    protected abstract void RunDropoutForward(Tensor x, Tensor y, float rate, RandomKey key);
    protected abstract void RunDropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key);

    protected abstract void RunSgdUpdate(ReadOnlySpan<OptimiserSlot> slots, SgdStep step);
    protected abstract void RunAdamWUpdate(ReadOnlySpan<OptimiserSlot> slots, AdamWStep step);
    protected abstract void RunExponentialAverage(ReadOnlySpan<Tensor> averages, ReadOnlySpan<Tensor> values, float decay);

    /// <summary>Takes memory from the pool.</summary>
    /// <param name="count">Elements of 32 bits.</param>
    protected abstract DeviceBuffer RunAllocate(long count);

    /// <summary>Copies bits to the device; integers travel as floats of the same bits.</summary>
    protected abstract void RunUpload(ReadOnlySpan<float> values, DeviceBuffer buffer, long offset);

    /// <summary>Copies bits to host memory after all work queued before.</summary>
    protected abstract void RunDownload(DeviceBuffer buffer, long offset, Span<float> values);
}
