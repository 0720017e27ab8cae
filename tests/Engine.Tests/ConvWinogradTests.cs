namespace IlgpuSpp.Engine.Tests;

/// <summary>Shapes that the CPU backend computes by Winograd's algorithm: enough channels and tiles, 3×3 stride 1 or 5×5 stride 2.</summary>
public class ConvWinogradTests
{
    // The transforms multiply by numbers up to 100 and cancel again; the direct way stays below 3e-7 of the terms.
    private const double WinogradTolerance = 5e-6;

    private static readonly ReferenceConvShape[] s_shapes =
    [
        ConvTests.Square(4, 13, 13, 60, 60, kernel: 3, pad: 1),
        ConvTests.Square(16, 8, 7, 57, 61, kernel: 3, pad: 1),
        ConvTests.Square(1, 33, 35, 50, 70, kernel: 3),
        ConvTests.Square(2, 30, 29, 53, 65, kernel: 3, pad: 2),
        ConvTests.Square(8, 11, 12, 272, 33, kernel: 3, pad: 1),
        ConvTests.Square(64, 3, 4, 56, 56, kernel: 3, pad: 1),
        ConvTests.Square(3, 39, 37, 16, 54, kernel: 5, stride: 2),
        ConvTests.Square(3, 38, 36, 15, 57, kernel: 5, stride: 2, pad: 2),
        ConvTests.Square(5, 33, 30, 20, 46, kernel: 5, stride: 2, pad: 1),
        ConvTests.Square(4, 31, 32, 17, 50, kernel: 6, stride: 2, pad: 3),
        new(4, 34, 31, 16, 52, 5, 6, 2, 2, 1, 0, 1),
        ConvTests.Square(2, 30, 29, 53, 65, kernel: 3, pad: 1) with { PadBottom = 0, PadRight = 2 },
        ConvTests.Square(3, 38, 37, 15, 57, kernel: 5, stride: 2, pad: 2) with { PadBottom = 1, PadRight = 0 },
        // Tiles enough for blocks that a thread takes through all steps; the last block is smaller.
        ConvTests.Square(3, 33, 35, 40, 97, kernel: 3, pad: 1),
        ConvTests.Square(5, 58, 57, 15, 61, kernel: 5, stride: 2, pad: 2),
    ];

    public static TheoryData<SimdLevel, int> Cases() => ConvTestBench.Cases(s_shapes.Length);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Winograd_passes_match_double_precision(SimdLevel level, int number)
    {
        using var backend = new CpuBackend(new CpuOptions { Simd = level, Threads = 2 });
        ConvTestBench.AssertAllPasses(backend, s_shapes[number], WinogradTolerance, shared: true);
    }

    [Fact]
    public void All_these_shapes_leave_the_direct_path_unless_exactness_is_asked_for()
    {
        using var fast = new CpuBackend(new CpuOptions { Threads = 2 });
        using var exact = new CpuBackend(new CpuOptions { Threads = 2, ExactConvolution = true });
        foreach (ReferenceConvShape shape in s_shapes)
        {
            using var fastOperands = new ConvTestBench(fast, shape);
            using var exactOperands = new ConvTestBench(exact, shape);
            Assert.NotEqual(exactOperands.Forward(Activation.None), fastOperands.Forward(Activation.None));
            Assert.NotEqual(exactOperands.InputGradient(), fastOperands.InputGradient());
            Assert.NotEqual(exactOperands.WeightGradientAlone(), fastOperands.WeightGradientAlone());
        }
    }

    [Fact]
    public void Activations_are_applied_after_the_bias()
    {
        ReferenceConvShape shape = s_shapes[0];
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        using var operands = new ConvTestBench(backend, shape);
        var sums = ReferenceConv.Forward(operands.X, operands.W, operands.Bias, shape);
        foreach (Activation activation in new[] { Activation.Relu, new Activation(ActivationKind.LeakyRelu, 0.1f), new Activation(ActivationKind.Sigmoid) })
            GemmTestBench.AssertClose(GemmTestBench.Activated(sums, activation), operands.Forward(activation), WinogradTolerance, activation.ToString());
    }

    // With many threads there are too few blocks of tiles for each, and the steps are done one after the other.
    [Fact]
    public void The_bits_do_not_depend_on_the_number_of_threads()
    {
        ReferenceConvShape shape = s_shapes[^2];
        string[] results = [.. new[] { 1, 2, 3, 40 }.Select(threads =>
        {
            using var backend = new CpuBackend(new CpuOptions { Threads = threads });
            using var operands = new ConvTestBench(backend, shape);
            return Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. operands.Forward(Activation.Relu), .. operands.InputGradient()]));
        })];
        Assert.Single(results.Distinct());
    }
}
