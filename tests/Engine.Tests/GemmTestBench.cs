namespace IlgpuSpp.Engine.Tests;

/// <summary>What the tests of products and convolutions share: backends, random operands, the error measure.</summary>
internal static class GemmTestBench
{
    /// <summary>Every instruction set that this processor offers.</summary>
    public static IEnumerable<SimdLevel> Levels =>
        new[] { SimdLevel.Scalar, SimdLevel.Vector128, SimdLevel.Avx2, SimdLevel.Avx512 }.Where(level => level <= SimdSupport.Widest);

    public static float[] Uniform(int count, int seed)
    {
        var random = new System.Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = random.NextSingle() * 2 - 1;
        return values;
    }

    public static Tensor Put(this Backend backend, float[] values, params ReadOnlySpan<int> shape)
    {
        Tensor tensor = backend.Allocate(new Shape(shape));
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>Every element is within tolerance times the sum of the absolute values of its terms.</summary>
    public static void AssertClose((double[] Value, double[] Magnitude) expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Value.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            double error = Math.Abs(actual[i] - expected.Value[i]);
            Assert.True(error <= tolerance * expected.Magnitude[i] + 1e-30,
                $"{what}: element {i} is {actual[i]}, expected {expected.Value[i]}: error {error:E2}, {error / expected.Magnitude[i]:E2} of its terms");
        }
    }

    public static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    public static (double[] Value, double[] Magnitude) Activated((double[] Value, double[] Magnitude) sums, Activation activation) =>
        (Array.ConvertAll(sums.Value, v => activation.Kind switch
        {
            ActivationKind.Relu => Math.Max(0, v),
            ActivationKind.LeakyRelu => v > 0 ? v : activation.Slope * v,
            ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-v)),
            _ => v,
        }), Array.ConvertAll(sums.Magnitude, m => m + 1));
}
