namespace IlgpuSpp.Engine.Tests;

public class ConvTests
{
    // As for the matrix products: stretches of at most 256 terms.
    private const double DirectTolerance = 1e-6;

    private static readonly ReferenceConvShape[] s_shapes =
    [
        Square(1, 1, 1, 1, 1, kernel: 1),
        Square(2, 5, 7, 3, 4, kernel: 1),
        Square(1, 6, 5, 20, 33, kernel: 1, stride: 2),
        Square(2, 9, 8, 3, 10, kernel: 3),
        Square(2, 7, 9, 5, 33, kernel: 3, pad: 1),
        Square(1, 13, 13, 40, 48, kernel: 3, pad: 1),
        Square(3, 8, 11, 4, 6, kernel: 3, stride: 2, pad: 1),
        Square(1, 11, 10, 7, 17, kernel: 5, stride: 2),
        Square(2, 10, 12, 4, 8, kernel: 5, pad: 2),
        Square(2, 17, 15, 3, 20, kernel: 7, stride: 2, pad: 1),
        Square(1, 23, 25, 3, 16, kernel: 11, stride: 4),
        Square(1, 19, 21, 3, 5, kernel: 11, stride: 3, pad: 5),
        Square(2, 9, 9, 4, 6, kernel: 1, stride: 3, pad: 2),
        Square(2, 8, 9, 6, 8, kernel: 3, pad: 1, groups: 2),
        Square(1, 9, 7, 8, 40, kernel: 5, stride: 2, pad: 2, groups: 4),
        Square(2, 6, 6, 5, 5, kernel: 3, pad: 1, groups: 5),
        Square(1, 4, 4, 3, 3, kernel: 3, pad: 3),
        Square(1, 10, 9, 2, 5, kernel: 2, stride: 4),
        Square(1, 3, 3, 300, 20, kernel: 3, pad: 1),
        Square(5, 12, 12, 3, 2, kernel: 3, pad: 1),
        new(2, 10, 13, 4, 9, 3, 5, 2, 1, 1, 2, 1),
        new(1, 9, 12, 4, 6, 1, 4, 3, 2, 0, 3, 2),
        Square(2, 12, 10, 3, 8, kernel: 7, stride: 2, pad: 3) with { PadBottom = 2, PadRight = 2 },
        Square(1, 9, 8, 8, 12, kernel: 3, stride: 2, pad: 1) with { PadBottom = 0, PadRight = 0 },
        Square(1, 7, 9, 4, 6, kernel: 3) with { PadBottom = 2, PadRight = 1 },
    ];

    public static TheoryData<SimdLevel, int> Cases() => ConvTestBench.Cases(s_shapes.Length);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Direct_passes_match_double_precision(SimdLevel level, int number)
    {
        ReferenceConvShape shape = s_shapes[number];
        using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 2, ExactConvolution = true });
        ConvTestBench.AssertAllPasses(backend, shape, DirectTolerance);
    }

    [Fact]
    public void Activations_are_applied_after_the_bias()
    {
        ReferenceConvShape shape = Square(2, 9, 7, 5, 37, kernel: 3, pad: 1);
        foreach (SimdLevel level in GemmTestBench.Levels)
        {
            using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 2 });
            using var operands = new ConvTestBench(backend, shape);
            var sums = ReferenceConv.Forward(operands.X, operands.W, operands.Bias, shape);
            foreach (Activation activation in new[] { Activation.Relu, new Activation(ActivationKind.LeakyRelu, 0.1f), new Activation(ActivationKind.Sigmoid) })
                GemmTestBench.AssertClose(GemmTestBench.Activated(sums, activation), operands.Forward(activation), DirectTolerance, $"{level} {activation}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_are_adjoint_to_the_forward_pass(bool exact)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2, ExactConvolution = exact });
        foreach (ReferenceConvShape shape in new[] { Square(4, 13, 13, 96, 128, kernel: 3, pad: 1), Square(8, 27, 27, 32, 64, kernel: 5, stride: 2), Square(1, 61, 59, 3, 96, kernel: 7, stride: 2, pad: 1), Square(1, 31, 31, 3, 40, kernel: 11, stride: 4) })
        {
            using var operands = new ConvTestBench(backend, shape);
            double forward = GemmTestBench.Dot(operands.DY, operands.ForwardWithoutBias());
            double input = GemmTestBench.Dot(operands.X, operands.InputGradient());
            double weights = GemmTestBench.Dot(operands.W, operands.WeightGradientFromZero());
            // Random signs: the identity's terms add up to about the root of their number times their size.
            double size = Math.Sqrt((double)shape.OutputLength * shape.KernelHeight * shape.KernelWidth * shape.InChannels);
            Assert.InRange(Math.Abs(forward - input) / size, 0, 1e-4);
            Assert.InRange(Math.Abs(forward - weights) / size, 0, 1e-4);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_passes_have_the_same_bits_at_any_number_of_threads(bool exact)
    {
        foreach (ReferenceConvShape shape in new[] { Square(5, 13, 13, 64, 96, kernel: 3, pad: 1), Square(6, 29, 27, 32, 64, kernel: 5, stride: 2), Square(2, 75, 75, 3, 32, kernel: 7, stride: 2, pad: 1), Square(2, 13, 13, 32, 64, kernel: 3, pad: 1, groups: 2) })
        {
            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using var backend = new CpuBackend(new CpuOptions { Threads = threads, ExactConvolution = exact });
                using var operands = new ConvTestBench(backend, shape);
                float[] bits = operands.AllBits();
                first ??= bits;
                Assert.Equal(first, bits);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_passes_allocate_nothing_in_the_steady_state(bool exact)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2, ExactConvolution = exact });
        using var wide = new ConvTestBench(backend, Square(4, 13, 13, 64, 96, kernel: 3, pad: 1));
        using var strided = new ConvTestBench(backend, Square(6, 29, 27, 32, 64, kernel: 5, stride: 2));
        for (int i = 0; i < 3; i++)
        {
            wide.Step();
            strided.Step();
        }
        long native = backend.Memory.Allocations;
        Assert.Equal(0, SteadyState.LeastAllocated(() =>
        {
            wide.Step();
            strided.Step();
        }));
        Assert.Equal(native, backend.Memory.Allocations);
    }

    internal static ReferenceConvShape Square(int batch, int height, int width, int inChannels, int outChannels, int kernel, int stride = 1, int pad = 0, int groups = 1) =>
        new(batch, height, width, inChannels, outChannels, kernel, kernel, stride, stride, pad, pad, groups);
}
