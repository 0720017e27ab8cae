using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int>? _softmax;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, int, float>? _crossEntropy;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, float, float>? _crossEntropyBack;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float>? _smoothL1, _focal;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, float, float>? _focalBack;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, float>? _smoothL1Back;

    protected override void RunSoftmax(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int columns = x.Shape.Channels;
        GroupKernel(ref _softmax, nameof(Softmax), static () => LossKernels.Softmax)
            (_stream, RowConfig(Count(x.Shape) / columns), View(x), View(y), columns);
    }

    protected override void RunCrossEntropyForward(Tensor logits, Tensor<int> labels, Tensor probabilities, Tensor losses, float smoothing)
    {
        using var scope = Enter();
        if (logits.Count == 0) return;
        GroupKernel(ref _crossEntropy, nameof(CrossEntropyForward), static () => LossKernels.CrossEntropyForward)
            (_stream, RowConfig(logits.Shape.Batch), View(logits), View(labels), View(probabilities), View(losses), logits.Shape.Channels, smoothing);
    }

    protected override void RunCrossEntropyBackward(Tensor probabilities, Tensor<int> labels, Tensor dLogits, float smoothing, float scale)
    {
        using var scope = Enter();
        if (dLogits.Count == 0) return;
        ElementKernel(ref _crossEntropyBack, nameof(CrossEntropyBackward), static () => LossKernels.CrossEntropyBackward)
            (_stream, Count(dLogits.Shape), View(probabilities), View(labels), View(dLogits), probabilities.Shape.Channels, smoothing, scale);
    }

    protected override void RunFocalForward(Tensor logits, Tensor targets, Tensor probabilities, Tensor losses, float focus)
    {
        using var scope = Enter();
        if (logits.Count == 0) return;
        GroupKernel(ref _focal, nameof(FocalForward), static () => LossKernels.FocalForward)
            (_stream, RowConfig(logits.Shape.Batch), View(logits), View(targets), View(probabilities), View(losses), logits.Shape.Channels, focus);
    }

    protected override void RunFocalBackward(Tensor probabilities, Tensor targets, Tensor dLogits, float focus, float scale)
    {
        using var scope = Enter();
        if (dLogits.Count == 0) return;
        GroupKernel(ref _focalBack, nameof(FocalBackward), static () => LossKernels.FocalBackward)
            (_stream, RowConfig(dLogits.Shape.Batch), View(probabilities), View(targets), View(dLogits), probabilities.Shape.Channels, focus, scale);
    }

    protected override void RunSmoothL1Forward(Tensor predictions, Tensor targets, Tensor weights, Tensor losses, float beta)
    {
        using var scope = Enter();
        if (predictions.Count == 0) return;
        GroupKernel(ref _smoothL1, nameof(SmoothL1Forward), static () => LossKernels.SmoothL1Forward)
            (_stream, RowConfig(predictions.Shape.Batch), View(predictions), View(targets), View(weights), View(losses), predictions.Shape.Channels, beta);
    }

    protected override void RunSmoothL1Backward(Tensor predictions, Tensor targets, Tensor weights, Tensor dPredictions, float beta, float scale)
    {
        using var scope = Enter();
        if (predictions.Count == 0) return;
        ElementKernel(ref _smoothL1Back, nameof(SmoothL1Backward), static () => LossKernels.SmoothL1Backward)
            (_stream, Count(predictions.Shape), View(predictions), View(targets), View(weights), View(dPredictions), beta, scale);
    }
}

/// <summary>One group a row.</summary>
internal static class LossKernels
{
    public static void Softmax(ArrayView<float> x, ArrayView<float> y, int columns)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int start = Grid.IdxX * columns;
        float max = RowMax(x, start, columns, shared);
        float sum = RowExpSum(x, start, columns, max, shared);
        float inverse = 1 / sum;
        for (int c = Group.IdxX; c < columns; c += Group.DimX) y[start + c] = DeviceMath.Exp(x[start + c] - max) * inverse;
    }

    public static void CrossEntropyForward(ArrayView<float> logits, ArrayView<int> labels, ArrayView<float> probabilities, ArrayView<float> losses, int columns, float smoothing)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int row = Grid.IdxX, start = row * columns, label = labels[row];
        float max = RowMax(logits, start, columns, shared);
        float sum = RowExpSum(logits, start, columns, max, shared);
        float inverse = 1 / sum, logSum = DeviceMath.Log(sum);
        float mine = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float shifted = logits[start + c] - max;
            probabilities[start + c] = DeviceMath.Exp(shifted) * inverse;
            // Skipped where the weight is 0: 0 times a logit of minus infinity is not a number.
            float weight = smoothing / columns + (c == label ? 1 - smoothing : 0);
            if (weight != 0) mine += weight * (logSum - shifted);
        }
        float loss = GroupSums.Sum(mine, shared);
        if (Group.IdxX == 0) losses[row] = label == -1 ? 0 : label < 0 || label >= columns ? float.NaN : loss;
    }

    public static void CrossEntropyBackward(Index1D i, ArrayView<float> probabilities, ArrayView<int> labels, ArrayView<float> dLogits, int columns, float smoothing, float scale)
    {
        int row = i / columns, label = labels[row];
        float target = smoothing / columns + (i - row * columns == label ? 1 - smoothing : 0);
        dLogits[i] = label == -1 ? 0 : label < 0 || label >= columns ? float.NaN : scale * (probabilities[i] - target);
    }

    public static void FocalForward(ArrayView<float> logits, ArrayView<float> targets, ArrayView<float> probabilities, ArrayView<float> losses, int columns, float focus)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int row = Grid.IdxX, start = row * columns;
        float max = RowMax(logits, start, columns, shared);
        float sum = RowExpSum(logits, start, columns, max, shared);
        float inverse = 1 / sum, logSum = DeviceMath.Log(sum);
        float mine = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float shifted = logits[start + c] - max, logP = shifted - logSum, p = DeviceMath.Exp(shifted) * inverse, target = targets[start + c];
            probabilities[start + c] = p;
            if (target != 0) mine -= target * Focused(p, focus) * logP;
        }
        float loss = GroupSums.Sum(mine, shared);
        if (Group.IdxX == 0) losses[row] = loss;
    }

    public static void FocalBackward(ArrayView<float> probabilities, ArrayView<float> targets, ArrayView<float> dLogits, int columns, float focus, float scale)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int start = Grid.IdxX * columns;
        float mine = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX) mine += FocalSlope(probabilities[start + c], targets[start + c], focus);
        float sum = GroupSums.Sum(mine, shared);
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
            dLogits[start + c] = scale * (FocalSlope(probabilities[start + c], targets[start + c], focus) - (sum == 0 ? 0 : probabilities[start + c] * sum));
    }

    // (1 − p)^focus.
    private static float Focused(float p, float focus) => focus == 0 ? 1 : p >= 1 ? 0 : DeviceMath.Power(1 - p, focus);

    private static float FocalSlope(float p, float target, float focus)
    {
        if (target == 0) return 0;
        if (focus == 0) return -target;
        if (p >= 1) return 0;
        float rest = 1 - p;
        return target * ((p > 0 ? focus * p * DeviceMath.Power(rest, focus - 1) * DeviceMath.Log(p) : 0) - DeviceMath.Power(rest, focus));
    }

    public static void SmoothL1Forward(ArrayView<float> predictions, ArrayView<float> targets, ArrayView<float> weights, ArrayView<float> losses, int columns, float beta)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int start = Grid.IdxX * columns;
        float mine = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float d = predictions[start + c] - targets[start + c];
            float size = d < 0 ? -d : d;
            mine += weights[start + c] * (size < beta ? 0.5f * d * d / beta : size - 0.5f * beta);
        }
        float loss = GroupSums.Sum(mine, shared);
        if (Group.IdxX == 0) losses[Grid.IdxX] = loss;
    }

    public static void SmoothL1Backward(Index1D i, ArrayView<float> predictions, ArrayView<float> targets, ArrayView<float> weights, ArrayView<float> dPredictions, float beta, float scale)
    {
        float slope = (predictions[i] - targets[i]) / beta;
        slope = slope > 1 ? 1 : slope < -1 ? -1 : slope;
        dPredictions[i] = scale * weights[i] * slope;
    }

    private static float RowMax(ArrayView<float> x, int start, int columns, ArrayView<float> shared)
    {
        float mine = float.NegativeInfinity;
        for (int c = Group.IdxX; c < columns; c += Group.DimX) mine = GroupSums.Larger(mine, x[start + c]);
        return GroupSums.Max(mine, shared);
    }

    private static float RowExpSum(ArrayView<float> x, int start, int columns, float max, ArrayView<float> shared)
    {
        float mine = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX) mine += DeviceMath.Exp(x[start + c] - max);
        return GroupSums.Sum(mine, shared);
    }
}
