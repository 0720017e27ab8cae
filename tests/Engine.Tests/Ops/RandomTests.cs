namespace IlgpuSpp.Engine.Tests;

public sealed class RandomTests
{
    // Known answers of philox4x32-10 from the Random123 distribution (kat_vectors).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_gives_the_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x, uint y, uint z, uint w) =>
        Assert.Equal(new PhiloxBlock(x, y, z, w), Philox.Rounds(c0, c1, c2, c3, k0, k1));

    private static readonly RandomKey Key = new(0x299f31d0a4093822, 0x13198a2e, 0x03707344);

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Uniform_numbers_are_those_of_the_scalar_definition(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        foreach (int length in new[] { 1, 5, 517, 40_003 })
        {
            using Tensor y = backend.Unwritten(new Shape(length));
            backend.FillUniform(y, -2, 3, Key);
            float[] values = y.ToArray();
            for (int i = 0; i < length; i++) Assert.Equal(-2f + 5f * Philox.ToUniform(Philox.Word(Key, i)), values[i]);
        }
    }

    [Fact]
    public unsafe void Words_far_into_a_stream_are_those_of_the_scalar_definition()
    {
        uint* words = stackalloc uint[64];
        ulong first = (1UL << 32) - 8;
        foreach (int lanes in new[] { 1, 4, 8, 16 })
        {
            PhiloxWords.Fill(Key, first, words, 16, lanes);
            for (int i = 0; i < 64; i++) Assert.Equal(Philox.Word(Key, (long)first * 4 + i), words[i]);
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Normal_numbers_are_Box_and_Mullers(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        const int length = 66_001;
        using Tensor y = backend.Unwritten(new Shape(length));
        backend.FillNormal(y, 0.5f, 2, Key);
        float[] values = y.ToArray();
        var expected = new double[length];
        for (int i = 0; i < length; i++)
        {
            double u = Philox.ToUniform(Philox.Word(Key, i & ~1)), angle = 2 * Math.PI * Philox.ToUniform(Philox.Word(Key, i | 1));
            expected[i] = 0.5 + 2 * Math.Sqrt(-2 * Math.Log(1 - u)) * (i % 2 == 0 ? Math.Cos(angle) : Math.Sin(angle));
        }
        Expect.Close(expected, values, 1e-6);
        // Moments of 66001 draws: three standard errors are 0.023 for the mean and 0.033 for the variance.
        double mean = values.Average(v => (double)v), variance = values.Average(v => (v - mean) * (v - mean));
        Assert.InRange(mean, 0.477, 0.523);
        Assert.InRange(variance, 3.93, 4.07);
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Dropout_keeps_what_the_scalar_definition_keeps_in_both_directions(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        foreach (float rate in new[] { 0, 0.5f, 0.3f, 0.999f })
        {
            var shape = new Shape(3, 11003);
            float[] x = TestValues.Uniform(shape.Count, 73);
            using Tensor tx = backend.Tensor(shape, x), y = backend.Unwritten(shape), dx = backend.Unwritten(shape);
            backend.DropoutForward(tx, y, rate, Key);
            backend.DropoutBackward(tx, dx, rate, Key);
            float[] result = y.ToArray();
            for (int i = 0; i < x.Length; i++)
                Assert.Equal(Philox.ToUniform(Philox.Word(Key, i)) >= rate ? x[i] / (1 - rate) : 0, result[i]);
            Assert.Equal(result, dx.ToArray());
            backend.DropoutForward(tx, tx, rate, Key);
            Assert.Equal(result, tx.ToArray());
        }
    }
}
