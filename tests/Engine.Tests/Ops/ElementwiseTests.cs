namespace IlgpuSpp.Engine.Tests;

public sealed class ElementwiseTests
{
    // Below a vector, odd, several chunks of 32768.
    private static readonly int[] Lengths = [1, 7, 64, 1023, 70001];

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Arithmetic_matches_single_precision_exactly_also_in_place(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        foreach (int length in Lengths)
        {
            float[] a = TestValues.Uniform(length, 20), b = TestValues.Uniform(length, 21);
            using Tensor ta = backend.Tensor(new Shape(length), a), tb = backend.Tensor(new Shape(length), b), y = backend.Unwritten(new Shape(length));
            backend.Add(ta, tb, y);
            Assert.Equal(a.Zip(b, (p, q) => p + q), y.ToArray());
            backend.Multiply(ta, tb, y);
            Assert.Equal(a.Zip(b, (p, q) => p * q), y.ToArray());
            backend.Scale(ta, 0.3f, y);
            Assert.Equal(a.Select(p => p * 0.3f), y.ToArray());
            backend.Copy(tb, y);
            backend.Accumulate(ta, -2.5f, y);
            Assert.Equal(a.Zip(b, (p, q) => q + p * -2.5f), y.ToArray());
            backend.Fill(y, 3.5f);
            Assert.All(y.ToArray(), value => Assert.Equal(3.5f, value));
            backend.Add(ta, tb, ta);
            Assert.Equal(a.Zip(b, (p, q) => p + q), ta.ToArray());
            backend.Multiply(tb, tb, tb);
            Assert.Equal(b.Select(q => q * q), tb.ToArray());
        }
    }

    public static TheoryData<string, ActivationKind> Activations
    {
        get
        {
            var runs = new TheoryData<string, ActivationKind>();
            foreach (string device in TestDevices.All)
                foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
                    runs.Add(device, kind);
            return runs;
        }
    }

    [Theory, MemberData(nameof(Activations))]
    public void Activations_match_their_formula_and_finite_differences(string device, ActivationKind kind)
    {
        var activation = new Activation(kind, 0.1f);
        var shape = new Shape(3, 67);
        float[] x = TestValues.Distinct(shape.Count, 22), dy = TestValues.Uniform(shape.Count, 23);
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor tx = backend.Tensor(shape, x), ty = backend.Unwritten(shape), tdy = backend.Tensor(shape, dy), tdx = backend.Unwritten(shape);
        backend.ActivationForward(activation, tx, ty);
        backend.ActivationBackward(activation, ty, tdy, tdx);
        Expect.Close(ReferenceActivation.Apply(activation, x.ToDouble()), ty.ToArray(), 2e-7, 0);
        Expect.Close(FiniteDifferences.Gradient(v => ReferenceActivation.Apply(activation, v), x.ToDouble(), dy.ToDouble()), tdx.ToArray(), 1e-6, 0.1);

        backend.ActivationForward(activation, tx, tx);
        Assert.Equal(ty.ToArray(), tx.ToArray());
        backend.ActivationBackward(activation, ty, tdy, tdy);
        Assert.Equal(tdx.ToArray(), tdy.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Activations_at_zero_NaN_and_infinity(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        float[] x = [0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 200, -200];
        using Tensor tx = backend.Tensor(new Shape(7), x), y = backend.Unwritten(new Shape(7)), dx = backend.Unwritten(new Shape(7));
        backend.ActivationForward(Activation.Relu, tx, y);
        Assert.Equal([0, 0, float.NaN, float.PositiveInfinity, 0, 200, 0], y.ToArray());
        backend.Fill(tx, 1);
        backend.ActivationBackward(Activation.Relu, y, tx, dx);
        Assert.Equal([0, 0, 0, 1, 0, 1, 0], dx.ToArray());
        tx.Upload(x);
        backend.ActivationForward(new Activation(ActivationKind.Sigmoid), tx, y);
        Assert.Equal([0.5f, 0.5f, float.NaN, 1, 0, 1, 0], y.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Concat_joins_channels_and_its_reverse_cuts_them(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        int[] widths = [3, 1, 20];
        float[][] parts = [.. widths.Select((width, i) => TestValues.Uniform(2 * 3 * 5 * width, (uint)(30 + i)))];
        Tensor[] inputs = [.. widths.Select((width, i) => backend.Tensor(new Shape(2, 3, 5, width), parts[i]))];
        using Tensor y = backend.Unwritten(new Shape(2, 3, 5, 24));
        backend.ConcatForward(inputs, y);
        float[] joined = y.ToArray();
        for (int row = 0; row < 30; row++)
            Assert.Equal([.. parts[0][(row * 3)..(row * 3 + 3)], parts[1][row], .. parts[2][(row * 20)..(row * 20 + 20)]], joined[(row * 24)..(row * 24 + 24)]);
        Tensor[] gradients = [.. widths.Select(width => backend.Unwritten(new Shape(2, 3, 5, width)))];
        backend.ConcatBackward(y, gradients);
        for (int i = 0; i < 3; i++) Assert.Equal(parts[i], gradients[i].ToArray());
        foreach (Tensor tensor in inputs.Concat(gradients)) tensor.Dispose();
    }
}
