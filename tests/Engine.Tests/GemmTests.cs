namespace IlgpuSpp.Engine.Tests;

public class GemmTests
{
    // Sums are cut at 256 terms and each stretch is a chain of fused operations: the worst case is (256 + segments)·2^-24,
    // rounding errors that do not conspire stay below a twentieth of it.
    private const double Tolerance = 1e-6;

    public static TheoryData<SimdLevel, int, int, int> Shapes()
    {
        var data = new TheoryData<SimdLevel, int, int, int>();
        foreach (SimdLevel level in GemmTestBench.Levels)
            foreach ((int m, int n, int k) in new[]
                     {
                         (1, 1, 1), (1, 7, 3), (5, 1, 9), (3, 2, 1), (12, 32, 16), (13, 33, 17), (24, 16, 48), (25, 15, 49), (96, 64, 256),
                         (97, 65, 257), (100, 31, 300), (7, 200, 513), (193, 17, 40), (200, 130, 100), (31, 8, 700),
                     })
                data.Add(level, m, n, k);
        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gemm_matches_double_precision_for_all_transposes(SimdLevel level, int m, int n, int k)
    {
        using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 2 });
        float[] a = GemmTestBench.Uniform(m * k, 1), b = GemmTestBench.Uniform(k * n, 2), c = GemmTestBench.Uniform(m * n, 3);
        foreach ((bool ta, bool tb, float alpha, float beta) in new[]
                 {
                     (false, false, 1f, 0f), (true, false, 1f, 1f), (false, true, -0.5f, 0.25f), (true, true, 2f, 0f), (false, false, 0f, 0.5f),
                 })
        {
            using Tensor ta2 = backend.Put(a, ta ? k : m, ta ? m : k), tb2 = backend.Put(b, tb ? n : k, tb ? k : n), tc = backend.Put(c, m, n);
            backend.Gemm(ta, tb, alpha, ta2, tb2, beta, tc);
            GemmTestBench.AssertClose(ReferenceGemm.Multiply(ta, tb, alpha, a, b, beta, c, m, n, k), tc.ToArray(), Tolerance, $"{m}x{n}x{k} {ta} {tb} {alpha} {beta}");
        }
    }

    [Fact]
    public void Beta_zero_does_not_read_the_old_content()
    {
        foreach (SimdLevel level in GemmTestBench.Levels)
        {
            using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 1 });
            using Tensor a = backend.Put([1, 2], 1, 2), b = backend.Put([3, 4], 2, 1), c = backend.Put([float.NaN], 1, 1);
            backend.Gemm(false, false, 1, a, b, 0, c);
            Assert.Equal([11f], c.ToArray());
        }
    }

    [Fact]
    public void An_inner_extent_of_zero_leaves_beta_times_c()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        using Tensor a = backend.Put([], 2, 0), b = backend.Put([], 0, 3), c = backend.Put([1, 2, 3, 4, 5, 6], 2, 3);
        backend.Gemm(false, false, 1, a, b, 0.5f, c);
        Assert.Equal([0.5f, 1, 1.5f, 2, 2.5f, 3], c.ToArray());
    }

    [Fact]
    public void Nan_in_an_operand_reaches_its_row_and_nothing_else()
    {
        foreach (SimdLevel level in GemmTestBench.Levels)
        {
            using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 1 });
            float[] a = GemmTestBench.Uniform(5 * 20, 1);
            a[2 * 20 + 7] = float.NaN;
            using Tensor ta = backend.Put(a, 5, 20), b = backend.Put(GemmTestBench.Uniform(20 * 40, 2), 20, 40), c = backend.Allocate(new Shape(5, 40));
            backend.Gemm(false, false, 1, ta, b, 0, c);
            float[] result = c.ToArray();
            for (int i = 0; i < result.Length; i++) Assert.Equal(i / 40 == 2, float.IsNaN(result[i]));
        }
    }

    [Fact]
    public void Products_have_the_same_bits_at_any_number_of_threads()
    {
        float[]? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var backend = new CpuBackend(new CpuOptions { Threads = threads });
            using Tensor a = backend.Put(GemmTestBench.Uniform(300 * 700, 1), 300, 700), b = backend.Put(GemmTestBench.Uniform(700 * 210, 2), 700, 210), c = backend.Allocate(new Shape(300, 210));
            backend.Gemm(false, false, 1, a, b, 0, c);
            float[] bits = c.ToArray();
            first ??= bits;
            Assert.Equal(first, bits);
        }
    }

    [Fact]
    public void Products_allocate_nothing_in_the_steady_state()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        using Tensor a = backend.Put(GemmTestBench.Uniform(200 * 300, 1), 200, 300), b = backend.Put(GemmTestBench.Uniform(300 * 100, 2), 300, 100);
        using Tensor c = backend.Allocate(new Shape(200, 100)), y = backend.Allocate(new Shape(200, 100)), w = backend.Put(GemmTestBench.Uniform(300 * 100, 2), 100, 300);
        using Tensor bias = backend.Put(GemmTestBench.Uniform(100, 4), 100), dx = backend.Allocate(new Shape(200, 300)), dw = backend.Put(new float[30000], 100, 300);
        void Step()
        {
            backend.Gemm(false, false, 1, a, b, 0, c);
            backend.LinearForward(a, w, bias, y, Activation.Relu);
            backend.LinearBackwardInput(y, w, dx);
            backend.LinearBackwardParameters(a, y, dw, bias);
        }

        for (int i = 0; i < 3; i++) Step();
        long native = backend.Memory.Allocations;
        Assert.Equal(0, SteadyState.LeastAllocated(Step));
        Assert.Equal(native, backend.Memory.Allocations);
    }
}
