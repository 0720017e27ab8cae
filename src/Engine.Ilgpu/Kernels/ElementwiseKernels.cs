using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>One thread an element.</summary>
internal static class ElementwiseKernels
{
    public static void Fill(Index1D i, ArrayView<float> y, float value) => y[i] = value;

    public static void Copy(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i];

    public static void Add(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) => y[i] = a[i] + b[i];

    public static void Multiply(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) => y[i] = a[i] * b[i];

    public static void Scale(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y) => y[i] = scale * x[i];

    public static void Accumulate(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y) => y[i] += scale * x[i];

    public static void ActivationForward(Index1D i, int kind, float slope, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = ActivationFunction.Apply(kind, slope, x[i]);

    public static void ActivationBackward(Index1D i, int kind, float slope, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx) =>
        dx[i] = ActivationFunction.Gradient(kind, slope, y[i], dy[i]);

    /// <summary>Copies rows of <paramref name="partChannels"/> into a run of the columns of wider rows.</summary>
    public static void Join(Index1D i, ArrayView<float> part, int partChannels, ArrayView<float> whole, int wholeChannels, int firstChannel)
    {
        int row = i / partChannels;
        whole[row * wholeChannels + firstChannel + i - row * partChannels] = part[i];
    }

    /// <summary>The reverse of <see cref="Join"/>.</summary>
    public static void Cut(Index1D i, ArrayView<float> whole, int wholeChannels, int firstChannel, ArrayView<float> part, int partChannels)
    {
        int row = i / partChannels;
        part[i] = whole[row * wholeChannels + firstChannel + i - row * partChannels];
    }

    /// <summary>average ← decay·average + (1 − decay)·value.</summary>
    public static void Average(Index1D i, ArrayView<float> average, ArrayView<float> value, float decay) =>
        average[i] = decay * average[i] + (1 - decay) * value[i];
}
