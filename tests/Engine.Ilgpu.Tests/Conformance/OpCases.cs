namespace IlgpuSpp.Engine.Ilgpu.Tests.Conformance;

/// <summary>The one list of operation cases.</summary>
public static class OpCases
{
    /// <summary>Small shapes with a reference in double precision: edges, odd extents, 1×1, ties, non-numbers.</summary>
    public static IReadOnlyList<OpCase> Small { get; } =
    [
        .. ElementwiseCases.All(), .. ProductCases.All(), .. ConvCases.All(), .. PoolCases.All(), .. PyramidCases.All(),
        .. NormCases.All(), .. LossCases.All(), .. ReduceCases.All(), .. RandomCases.All(), .. OptimiserCases.All(),
    ];

    /// <summary>Shapes of real networks, compared with the cpu backend.</summary>
    public static IReadOnlyList<OpCase> Real { get; } =
        [.. ProductCases.Real(), .. ConvCases.Real(), .. PoolCases.Real(), .. PyramidCases.Real(), .. NormCases.Real()];

    /// <summary>Runs a case on a backend and compares every output.</summary>
    public static void Check(OpCase c, Backend backend, double[][] expected, double tolerance)
    {
        using var bench = new Bench(backend);
        float[][] actual = c.Run(bench);
        Assert.Equal(expected.Length, actual.Length);
        for (int output = 0; output < expected.Length; output++)
        {
            double[] e = expected[output];
            float[] a = actual[output];
            Assert.Equal(e.Length, a.Length);
            double scale = e.Length == 0 ? 0 : e.Max(Math.Abs), worst = 0;
            int at = -1;
            for (int i = 0; i < e.Length; i++)
            {
                double error = Math.Abs(a[i] - e[i]);
                if (error <= worst) continue;
                worst = error;
                at = i;
            }
            // Written so that a NaN fails.
            bool close = worst <= tolerance * scale && !a.Any(float.IsNaN);
            Assert.True(close, $"{c.Name} on {backend.Device.Name}: output {output}[{at}] is {(at < 0 ? float.NaN : a[at])}, expected {(at < 0 ? double.NaN : e[at])} (error {worst / scale:G3} of the largest, allowed {tolerance:G3})");
        }
    }
}
