using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

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
