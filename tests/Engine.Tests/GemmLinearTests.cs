namespace IlgpuSpp.Engine.Tests;

public class GemmLinearTests
{
    private const double Tolerance = 1e-6;

    public static TheoryData<SimdLevel, int, int, int> Shapes()
    {
        var data = new TheoryData<SimdLevel, int, int, int>();
        foreach (SimdLevel level in GemmTestBench.Levels)
            foreach ((int rows, int inputs, int outputs) in new[]
                     {
                         (1, 1, 1), (1, 300, 10), (2, 17, 33), (7, 513, 5), (8, 64, 96), (16, 1030, 130), (17, 100, 101), (33, 260, 64), (65, 40, 50), (256, 30, 10),
                     })
                data.Add(level, rows, inputs, outputs);
        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void All_passes_match_double_precision(SimdLevel level, int rows, int inputs, int outputs)
    {
        using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 2 });
        float[] x = GemmTestBench.Uniform(rows * inputs, 1), w = GemmTestBench.Uniform(inputs * outputs, 2), bias = GemmTestBench.Uniform(outputs, 3);
        float[] dy = GemmTestBench.Uniform(rows * outputs, 4), oldW = GemmTestBench.Uniform(inputs * outputs, 5), oldBias = GemmTestBench.Uniform(outputs, 6);
        using Tensor tx = backend.Put(x, rows, inputs), tw = backend.Put(w, outputs, inputs), tBias = backend.Put(bias, outputs), y = backend.Allocate(new Shape(rows, outputs));
        using Tensor tdy = backend.Put(dy, rows, outputs), dx = backend.Allocate(new Shape(rows, inputs)), dw = backend.Put(oldW, outputs, inputs), dBias = backend.Put(oldBias, outputs);

        var sums = ReferenceLinear.Forward(x, w, bias, rows, inputs, outputs);
        backend.LinearForward(tx, tw, tBias, y, Activation.None);
        GemmTestBench.AssertClose(sums, y.ToArray(), Tolerance, "forward");
        foreach (Activation activation in new[] { Activation.Relu, new Activation(ActivationKind.LeakyRelu, 0.1f), new Activation(ActivationKind.Sigmoid) })
        {
            backend.LinearForward(tx, tw, tBias, y, activation);
            GemmTestBench.AssertClose(GemmTestBench.Activated(sums, activation), y.ToArray(), Tolerance, activation.ToString());
        }
        backend.LinearForward(tx, tw, null, y, Activation.None);
        GemmTestBench.AssertClose(ReferenceLinear.Forward(x, w, null, rows, inputs, outputs), y.ToArray(), Tolerance, "no bias");

        backend.LinearBackwardInput(tdy, tw, dx);
        GemmTestBench.AssertClose(ReferenceLinear.InputGradient(dy, w, rows, inputs, outputs), dx.ToArray(), Tolerance, "input gradient");
        backend.LinearBackwardParameters(tx, tdy, dw, dBias);
        GemmTestBench.AssertClose(ReferenceLinear.WeightGradient(x, dy, oldW, rows, inputs, outputs), dw.ToArray(), Tolerance, "weight gradient");
        GemmTestBench.AssertClose(ReferenceLinear.BiasGradient(dy, oldBias, rows, outputs), dBias.ToArray(), Tolerance, "bias gradient");
    }

    [Fact]
    public void A_feature_map_is_taken_as_rows()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        float[] x = GemmTestBench.Uniform(2 * 3 * 3 * 4, 1), w = GemmTestBench.Uniform(36 * 5, 2);
        using Tensor tx = backend.Put(x, 2, 3, 3, 4), tw = backend.Put(w, 5, 36), y = backend.Allocate(new Shape(2, 5));
        backend.LinearForward(tx, tw, null, y, Activation.None);
        GemmTestBench.AssertClose(ReferenceLinear.Forward(x, w, null, 2, 36, 5), y.ToArray(), Tolerance, "map");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(40)]
    public void All_passes_have_the_same_bits_at_any_number_of_threads(int rows)
    {
        float[]? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var backend = new CpuBackend(new CpuOptions { Threads = threads });
            using Tensor x = backend.Put(GemmTestBench.Uniform(rows * 600, 1), rows, 600), w = backend.Put(GemmTestBench.Uniform(600 * 250, 2), 250, 600);
            using Tensor y = backend.Allocate(new Shape(rows, 250)), dx = backend.Allocate(new Shape(rows, 600));
            using Tensor dw = backend.Put(GemmTestBench.Uniform(600 * 250, 3), 250, 600), dBias = backend.Put(GemmTestBench.Uniform(250, 4), 250);
            backend.LinearForward(x, w, dBias, y, Activation.Relu);
            backend.LinearBackwardInput(y, w, dx);
            backend.LinearBackwardParameters(x, y, dw, dBias);
            float[] bits = [.. y.ToArray(), .. dx.ToArray(), .. dw.ToArray(), .. dBias.ToArray()];
            first ??= bits;
            Assert.Equal(first, bits);
        }
    }
}
