namespace IlgpuSpp.Engine.Tests;

public sealed class VectorMathTests
{
    private static float[] Map<TLanes>(Func<TLanes, TLanes> f, float[] x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var y = new float[x.Length];
        unsafe
        {
            float* buffer = stackalloc float[16];
            for (int i = 0; i < x.Length; i += TLanes.Count)
            {
                for (int j = 0; j < TLanes.Count; j++) buffer[j] = x[Math.Min(i + j, x.Length - 1)];
                f(TLanes.Load(buffer)).Store(buffer);
                for (int j = 0; j < TLanes.Count && i + j < x.Length; j++) y[i + j] = buffer[j];
            }
        }
        return y;
    }

    private static double WorstRelativeError(float[] x, float[] y, Func<double, double> f)
    {
        double worst = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = f(x[i]);
            worst = Math.Max(worst, expected == y[i] ? 0 : Math.Abs(y[i] - expected) / Math.Abs(expected));
        }
        return worst;
    }

    private static void SameAtEveryWidth(float[] expected, float[] actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));

    [Fact]
    public void Exp_is_within_2e7_of_the_true_value()
    {
        float[] x = [.. Enumerable.Range(0, 400_001).Select(i => -87.3f + i * (88.7f + 87.3f) / 400_000), .. TestValues.Uniform(20_000, 1, -1e-3f, 1e-3f)];
        float[] y = Map<LanesScalar>(VectorMath.Exp, x);
        Assert.InRange(WorstRelativeError(x, y, Math.Exp), 0, 2e-7);
        SameAtEveryWidth(y, Map<Lanes128<RoundedOnce>>(VectorMath.Exp, x));
        SameAtEveryWidth(y, Map<Lanes256<RoundedOnce>>(VectorMath.Exp, x));
        SameAtEveryWidth(y, Map<Lanes512<RoundedOnce>>(VectorMath.Exp, x));
    }

    [Fact]
    public void Exp_at_the_ends()
    {
        float[] x = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1000, -1000, 0, -0f, 89, -104.5f];
        foreach (float[] y in new[] { Map<LanesScalar>(VectorMath.Exp, x), Map<Lanes512<RoundedOnce>>(VectorMath.Exp, x) })
            Assert.Equal([float.NaN, float.PositiveInfinity, 0, float.PositiveInfinity, 0, 1, 1, float.PositiveInfinity, 0], y);
        // Results below the normal numbers are right to a unit of the smallest one.
        float[] small = [-88, -90, -95, -100, -103], tiny = Map<LanesScalar>(VectorMath.Exp, small);
        for (int i = 0; i < small.Length; i++) Assert.InRange(tiny[i] - Math.Exp(small[i]), -2.9e-45, 2.9e-45);
    }

    [Fact]
    public void Log_is_within_2e7_of_the_true_value()
    {
        var x = new List<float>();
        for (float v = 1e-45f; v < 3e38f; v *= 1.0007f) x.Add(v = Math.Max(v, BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(v) + 1)));
        x.AddRange(TestValues.Uniform(100_000, 2, 0.5f, 2));
        for (int i = -300; i <= 300; i++) x.Add(BitConverter.Int32BitsToSingle(0x3F800000 + i));
        float[] values = [.. x], y = Map<LanesScalar>(VectorMath.Log, values);
        Assert.InRange(WorstRelativeError(values, y, Math.Log), 0, 2e-7);
        SameAtEveryWidth(y, Map<Lanes128<RoundedOnce>>(VectorMath.Log, values));
        SameAtEveryWidth(y, Map<Lanes256<RoundedOnce>>(VectorMath.Log, values));
        SameAtEveryWidth(y, Map<Lanes512<RoundedOnce>>(VectorMath.Log, values));
    }

    [Fact]
    public void Log_at_the_ends()
    {
        float[] x = [0, -0f, -1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1, float.MaxValue];
        foreach (float[] y in new[] { Map<LanesScalar>(VectorMath.Log, x), Map<Lanes512<RoundedOnce>>(VectorMath.Log, x) })
            Assert.Equal([float.NegativeInfinity, float.NegativeInfinity, float.NaN, float.NaN, float.PositiveInfinity, float.NaN, 0, MathF.Log(float.MaxValue)], y);
    }

    [Fact]
    public void Sine_and_cosine_of_turns_are_within_their_error()
    {
        float[] u = [.. Enumerable.Range(0, 200_000).Select(i => Philox.ToUniform((uint)i * 21474u)), 0, 0.125f, 0.25f, 0.375f, 0.5f, 0.75f, 0.875f, 16777215f / 16777216f];
        float[] sine = Map<LanesScalar>(v => VectorMath.SinCosTurns(v).Sine, u), cosine = Map<LanesScalar>(v => VectorMath.SinCosTurns(v).Cosine, u);
        for (int i = 0; i < u.Length; i++)
        {
            Assert.InRange(sine[i] - Math.Sin(2 * Math.PI * u[i]), -1.2e-7, 1.2e-7);
            Assert.InRange(cosine[i] - Math.Cos(2 * Math.PI * u[i]), -1.2e-7, 1.2e-7);
        }
        SameAtEveryWidth(sine, Map<Lanes512<RoundedOnce>>(v => VectorMath.SinCosTurns(v).Sine, u));
    }

    [Theory]
    [InlineData(0.75f)]
    [InlineData(0.5f)]
    [InlineData(1.3f)]
    public void Negative_powers_are_within_4e7_where_the_exponent_is_small(float beta)
    {
        float[] s = [.. Enumerable.Range(0, 50_000).Select(i => 1 + i * 1.1f / 50_000)];
        float[] y = Map<Lanes256<RoundedOnce>>(v => VectorMath.NegativePower(v, beta), s);
        Assert.InRange(WorstRelativeError(s, y, v => Math.Pow(v, -(double)beta)), 0, 4e-7);
    }
}
