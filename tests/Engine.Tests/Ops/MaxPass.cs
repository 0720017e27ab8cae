namespace IlgpuSpp.Engine.Tests;

/// <summary>Both passes of a pooling by maxima on one device, forward with and without the places of the maxima.</summary>
internal sealed class MaxPass(string device, Shape map, Shape output, uint seed) : IDisposable
{
    private float[] _y = [], _alone = [];
    private int[] _places = [];

    public CpuBackend Backend { get; } = TestDevices.Open(device);

    public float[] X { get; } = TestValues.Distinct(map.Count, seed);

    public float[] Dy { get; } = TestValues.Uniform(output.Count, seed + 1);

    public float[] Dx { get; private set; } = [];

    public void Dispose() => Backend.Dispose();

    public void Compute(Action<Tensor, Tensor, Tensor<int>?> forward, Action<Tensor, Tensor<int>, Tensor> backward)
    {
        using Tensor x = Backend.Tensor(map, X), y = Backend.Unwritten(output), alone = Backend.Unwritten(output);
        using Tensor dy = Backend.Tensor(output, Dy), dx = Backend.Unwritten(map);
        using Tensor<int> argmax = Backend.Allocate<int>(output);
        forward(x, y, argmax);
        forward(x, alone, null);
        backward(dy, argmax, dx);
        (_y, _alone, _places, Dx) = (y.ToArray(), alone.ToArray(), argmax.ToArray(), dx.ToArray());
    }

    /// <summary>The forward pass is the reference's to the bit, the backward pass its finite differences.</summary>
    public void AssertIs(Func<double[], (double[] Y, int[] Places)> reference, double tolerance)
    {
        AssertForward(reference(X.ToDouble()));
        Expect.Close(FiniteDifferences.Gradient(v => reference(v).Y, X.ToDouble(), Dy.ToDouble()), Dx, tolerance);
    }

    public void AssertForward((double[] Y, int[] Places) expected)
    {
        Expect.Same(expected.Y, _y);
        Expect.Same(expected.Y, _alone);
        Assert.Equal(expected.Places, _places);
    }
}
