namespace IlgpuSpp.Engine.Tests;

/// <summary>What rounding to 8 bits costs, whose sums are the same everywhere; products of whole steps are in the table of operations.</summary>
public sealed class PackedInt8Tests : PackedWeightsTest
{
    // Half a step each of weights and inputs, over all products, is the most that can go wrong.
    [Theory]
    [InlineData(1, false)]
    [InlineData(5, true)]
    [InlineData(250, false)]
    public void An_output_is_off_by_half_steps_at_most(int rows, bool signed)
    {
        const int Inputs = 333, Outputs = 19;
        Tensor x = Put(new Shape(rows, Inputs), 1), w = Put(new Shape(Outputs, Inputs), 2), y = Put(new Shape(rows, Outputs), 3);
        if (!signed) Backend.ActivationForward(Activation.Relu, x, x);
        using PackedInt8 packed = Backend.PackInt8(w)!;
        Backend.LinearForward(x, packed, null, y, Activation.None);
        float[] inputs = x.ToArray(), weights = w.ToArray(), found = y.ToArray();
        double largestError = 0;
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < Outputs; output++)
            {
                float[] own = inputs[(row * Inputs)..((row + 1) * Inputs)], of = weights[(output * Inputs)..((output + 1) * Inputs)];
                double inputStep = own.Max(Math.Abs) / (signed ? 63.0 : 127), weightStep = of.Max(Math.Abs) / 127.0, sum = 0, allowed = 0;
                for (int i = 0; i < Inputs; i++)
                {
                    sum += (double)own[i] * of[i];
                    // A zero is met exactly.
                    double inputError = own[i] == 0 ? 0 : inputStep / 2;
                    allowed += inputError * Math.Abs(of[i]) + weightStep / 2 * (Math.Abs(own[i]) + inputError);
                }
                double error = Math.Abs(found[row * Outputs + output] - sum);
                Assert.InRange(error, 0, allowed * 1.0001);
                largestError = Math.Max(largestError, error);
            }
        // Rounding did take place.
        Assert.True(largestError > 1e-3);
    }

    [Fact]
    public void The_bits_do_not_depend_on_vectors_threads_or_the_rows_beside()
    {
        const int Rows = 14, Inputs = 1500, Outputs = 40;
        float[] x = TestValues.Uniform(Rows * Inputs, 21), w = TestValues.Uniform(Outputs * Inputs, 22);
        float[] expected = Product(new CpuOptions { Threads = 1, Simd = SimdLevel.Scalar }, x, Rows);
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdSupport.Widest))
            Assert.Equal(expected, Product(new CpuOptions { Threads = 2, Simd = level }, x, Rows));
        Assert.Equal(expected[..Outputs], Product(new CpuOptions(), x[..Inputs], 1));

        float[] Product(CpuOptions options, float[] rows, int count)
        {
            using var backend = new CpuBackend(options);
            using Tensor xt = backend.Allocate(new Shape(count, Inputs)), wt = backend.Allocate(new Shape(Outputs, Inputs)), y = backend.Allocate(new Shape(count, Outputs));
            xt.Upload(rows);
            wt.Upload(w);
            using PackedInt8 packed = backend.PackInt8(wt)!;
            backend.LinearForward(xt, packed, null, y, Activation.None);
            return y.ToArray();
        }
    }

    [Fact]
    public void Weights_that_are_written_to_count_from_the_next_product_on_and_their_memory_comes_back()
    {
        Tensor x = Put(new Shape(4, 30), 1), w = Put(new Shape(8, 30), 2), y = Put(new Shape(4, 8), 3);
        long before = Backend.Memory.InUse;
        PackedInt8 packed = Backend.PackInt8(w)!;
        Backend.LinearForward(x, packed, null, y, Activation.None);
        float[] first = y.ToArray();
        long allocations = Backend.Memory.Allocations;
        Backend.Scale(w, 2, w);
        Backend.LinearForward(x, packed, null, y, Activation.None);
        // Twice the weights are the same codes with twice the scale.
        Assert.Equal(first.Select(value => 2 * value), y.ToArray());
        Assert.Equal(allocations, Backend.Memory.Allocations);
        packed.Dispose();
        Assert.Equal(before, Backend.Memory.InUse);
        Assert.Throws<ObjectDisposedException>(() => Backend.LinearForward(x, packed, null, y, Activation.None));
    }

    [Fact]
    public void Rows_of_zeros_tiny_numbers_and_NaN_are_told_apart()
    {
        Tensor w = Put(new Shape(3, 40), 1), x = Put(new Shape(4, 40), 2), y = Put(new Shape(4, 3), 3), bias = Put(new Shape(3), 4);
        float[] rows = x.ToArray();
        rows.AsSpan(0, 40).Clear();
        for (int i = 40; i < 80; i++) rows[i] = float.Epsilon;
        rows[100] = float.NaN;
        x.Upload(rows);
        using PackedInt8 packed = Backend.PackInt8(w)!;
        Backend.LinearForward(x, packed, bias, y, Activation.None);
        float[] found = y.ToArray();
        Assert.Equal(bias.ToArray(), found[..3]);
        Assert.Equal(bias.ToArray(), found[3..6]);
        Assert.All(found[6..9], value => Assert.True(float.IsNaN(value)));
        Assert.All(found[9..], value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void More_inputs_than_32_bits_can_sum_are_refused()
    {
        Tensor w = Put(new Shape(1, PackedInt8.MostInputs + 1), 1);
        Assert.Throws<ShapeMismatchException>(() => Backend.PackInt8(w));
        Assert.Throws<ShapeMismatchException>(() => Backend.PackInt8(w.View(new Shape(1, 1, 1, w.Shape[1]))));
    }
}
