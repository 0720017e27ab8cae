using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The extents of a local response normalisation.</summary>
internal struct LrnExtent
{
    public int Height, Width, Channels, Radius, Across;

    /// <summary>α / m with m the elements of a window.</summary>
    public float AlphaOverWindow;

    public float Beta, K;
}

/// <summary>Local response and batch normalisation, one thread an element; neighbours come from the cache.</summary>
internal static class NormKernels
{
    public static void LrnForward(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, int keepScale, LrnExtent extent)
    {
        float s = extent.K + extent.AlphaOverWindow * WindowSquares(x, i, extent);
        if (keepScale != 0) scale[i] = s;
        y[i] = x[i] * DeviceMath.Power(s, -extent.Beta);
    }

    public static void LrnBackward(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<float> scale, ArrayView<float> dy, ArrayView<float> dx, LrnExtent extent)
    {
        float sum = 0;
        int channel = i % extent.Channels;
        if (extent.Across != 0)
        {
            int first = channel < extent.Radius ? -channel : -extent.Radius;
            int last = channel + extent.Radius >= extent.Channels ? extent.Channels - 1 - channel : extent.Radius;
            for (int c = i + first; c <= i + last; c++) sum += dy[c] * y[c] / scale[c];
        }
        else
        {
            int pixel = i / extent.Channels;
            int column = pixel % extent.Width, line = pixel / extent.Width;
            int row = line % extent.Height;
            int top = row < extent.Radius ? -row : -extent.Radius;
            int bottom = row + extent.Radius >= extent.Height ? extent.Height - 1 - row : extent.Radius;
            int left = column < extent.Radius ? -column : -extent.Radius;
            int right = column + extent.Radius >= extent.Width ? extent.Width - 1 - column : extent.Radius;
            for (int r = top; r <= bottom; r++)
            {
                for (int c = left; c <= right; c++)
                {
                    int at = i + (r * extent.Width + c) * extent.Channels;
                    sum += dy[at] * y[at] / scale[at];
                }
            }
        }
        dx[i] = dy[i] * DeviceMath.Power(scale[i], -extent.Beta) - 2 * extent.Beta * extent.AlphaOverWindow * x[i] * sum;
    }

    /// <summary>y = x·factor + shift per channel, with factor and shift told from the statistics.</summary>
    public static void BatchNormApply(Index1D i, ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> y, int channels)
    {
        int c = i % channels;
        y[i] = gamma[c] * ((x[i] - mean[c]) * invStd[c]) + beta[c];
    }

    public static void BatchNormInference(Index1D i, ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> mean, ArrayView<float> variance, ArrayView<float> y, int channels, float epsilon)
    {
        int c = i % channels;
        y[i] = gamma[c] * ((x[i] - mean[c]) / MathF.Sqrt(variance[c] + epsilon)) + beta[c];
    }

    /// <summary>1/√(variance + ε) and the running statistics, one thread a channel.</summary>
    public static void BatchNormStatistics(Index1D c, ArrayView<float> variance, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> runningMean, ArrayView<float> runningVariance, float unbias, float momentum, float epsilon)
    {
        float v = variance[c];
        invStd[c] = 1 / MathF.Sqrt(v + epsilon);
        runningMean[c] = (1 - momentum) * runningMean[c] + momentum * mean[c];
        runningVariance[c] = (1 - momentum) * runningVariance[c] + momentum * v * unbias;
    }

    /// <summary>dx = γ·invStd·(dy − Σdy/m − x̂·Σ(dy·x̂)/m). Sums: <c>[2, channels]</c>.</summary>
    public static void BatchNormInput(Index1D i, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> sums, ArrayView<float> gamma, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> dx, int channels, float inverseRows)
    {
        int c = i % channels;
        float normal = (x[i] - mean[c]) * invStd[c];
        dx[i] = gamma[c] * invStd[c] * (dy[i] - sums[c] * inverseRows - normal * (sums[channels + c] * inverseRows));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float WindowSquares(ArrayView<float> x, int i, LrnExtent extent)
    {
        float sum = 0;
        int channel = i % extent.Channels;
        if (extent.Across != 0)
        {
            int first = channel < extent.Radius ? -channel : -extent.Radius;
            int last = channel + extent.Radius >= extent.Channels ? extent.Channels - 1 - channel : extent.Radius;
            for (int c = i + first; c <= i + last; c++) sum += x[c] * x[c];
            return sum;
        }
        int pixel = i / extent.Channels;
        int column = pixel % extent.Width, line = pixel / extent.Width;
        int row = line % extent.Height;
        int top = row < extent.Radius ? -row : -extent.Radius;
        int bottom = row + extent.Radius >= extent.Height ? extent.Height - 1 - row : extent.Radius;
        int left = column < extent.Radius ? -column : -extent.Radius;
        int right = column + extent.Radius >= extent.Width ? extent.Width - 1 - column : extent.Radius;
        for (int r = top; r <= bottom; r++)
        {
            for (int c = left; c <= right; c++)
            {
                float value = x[i + (r * extent.Width + c) * extent.Channels];
                sum += value * value;
            }
        }
        return sum;
    }
}
