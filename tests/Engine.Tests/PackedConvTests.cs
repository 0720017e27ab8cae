namespace IlgpuSpp.Engine.Tests;

/// <summary>Packed weights follow their source, serve several threads and give their memory back; what they compute is in the table of operations.</summary>
public sealed class PackedConvTests : PackedWeightsTest
{
    private static readonly ConvGeometry s_geometry = ConvGeometry.Square(3, 1, 1, 1);

    // Direct (one tile) and Winograd (16 tiles).
    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    public void Every_part_of_the_source_that_is_written_to_counts_from_the_next_pass_on(int side)
    {
        const int Channels = 64;
        Tensor x = Put(new Shape(1, side, side, Channels), 1), w = Put(new Shape(3, 3, Channels, Channels), 2), y = Put(x.Shape, 3), expected = Put(x.Shape, 3);
        Tensor bias = Put(new Shape(Channels), 4), gamma = Put(new Shape(Channels), 5), beta = Put(new Shape(Channels), 6), mean = Put(new Shape(Channels), 7), variance = Put(new Shape(Channels), 8);
        Backend.Fill(variance, 2);
        using PackedConv packed = Backend.PackConv(new ConvSource(w, bias, s_geometry, new FixedBatchNorm(gamma, beta, mean, variance, 0.5f)))!;
        Agree();
        foreach (Tensor part in (Tensor[])[w, bias, gamma, beta, mean, variance])
        {
            Backend.Scale(part, 1.5f, part);
            Agree();
        }
        Backend.SgdUpdate([new OptimiserSlot(w, Put(w.Shape, 9), Put(w.Shape, 10), null, 1, 1)], new SgdStep(0.1f, 0.9f, 0));
        Agree();

        void Agree()
        {
            Backend.ConvForward(x, packed, null, y, Activation.None);
            Backend.ConvForward(x, w, bias, expected, s_geometry, Activation.None);
            using Tensor normal = Backend.Allocate(x.Shape);
            Backend.BatchNormForwardInference(expected, gamma, beta, normal, mean, variance, 0.5f);
            float[] wanted = normal.ToArray(), found = y.ToArray();
            float largest = wanted.Max(Math.Abs);
            for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], found[i], 2e-5f * largest);
        }
    }

    [Fact]
    public void Threads_that_ask_at_once_get_the_same_weights()
    {
        Tensor x = Put(new Shape(1, 20, 20, 64), 1), w = Put(new Shape(3, 3, 64, 96), 2), bias = Put(new Shape(96), 3);
        Tensor[] y = [.. Enumerable.Range(0, 8).Select(_ => Put(new Shape(1, 20, 20, 96), 4))];
        using PackedConv packed = Backend.PackConv(new ConvSource(w, bias, s_geometry))!;
        for (int round = 0; round < 20; round++)
        {
            Backend.FillNormal(w, 0, 1, new RandomKey(5, (uint)round, 0));
            Parallel.ForEach(y, own => Backend.ConvForward(x, packed, null, own, Activation.Relu));
            float[] first = y[0].ToArray();
            Assert.All(y, own => Assert.Equal(first, own.ToArray()));
        }
    }

    [Fact]
    public void A_second_pass_allocates_nothing_and_the_memory_comes_back()
    {
        Tensor small = Put(new Shape(1, 4, 4, 64), 1), large = Put(new Shape(1, 20, 20, 64), 2), w = Put(new Shape(3, 3, 64, 64), 3), y = Put(large.Shape, 4);
        long before = Backend.Memory.InUse;
        PackedConv packed = Backend.PackConv(new ConvSource(w, null, s_geometry))!;
        Passes();
        MemoryUse held = Backend.Memory;
        // 9 and 36 numbers of every pair of channels.
        Assert.InRange(held.InUse - before, (9 + 36) * 64 * 64 * sizeof(float), 1.25 * (9 + 36) * 64 * 64 * sizeof(float) + 4096);
        Passes();
        Assert.Equal(held.Allocations, Backend.Memory.Allocations);
        packed.Dispose();
        Assert.Equal(before, Backend.Memory.InUse);
        Assert.Throws<ObjectDisposedException>(Passes);

        void Passes()
        {
            Backend.ConvForward(small, packed, null, y.View(small.Shape), Activation.None);
            Backend.ConvForward(large, packed, null, y, Activation.None);
        }
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Tensor w = Put(new Shape(3, 3, 4, 8), 1), wrong = Put(new Shape(7), 2), right = Put(new Shape(8), 3);
        Assert.Throws<ShapeMismatchException>(() => Backend.PackConv(new ConvSource(w, wrong, s_geometry)));
        Assert.Throws<ShapeMismatchException>(() => Backend.PackConv(new ConvSource(w.View(new Shape(36, 8)), right, s_geometry)));
        Assert.Throws<ShapeMismatchException>(() => Backend.PackConv(new ConvSource(w, right, s_geometry, new FixedBatchNorm(right, wrong, right, right, 1))));
        using PackedConv packed = Backend.PackConv(new ConvSource(w, right, s_geometry))!;
        Tensor x = Put(new Shape(1, 5, 5, 4), 4), y = Put(new Shape(1, 5, 5, 8), 5);
        Assert.Throws<ShapeMismatchException>(() => Backend.ConvForward(x, packed, Put(new Shape(1, 5, 4, 8), 6), y, Activation.None));
        Tensor twice = Put(new Shape(2, 5, 5, 8), 7);
        Assert.Throws<OverlapException>(() => Backend.ConvForward(x, packed, twice.View(y.Shape, 8), twice.View(y.Shape), Activation.None));
    }
}
