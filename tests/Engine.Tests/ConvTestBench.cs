using System.Collections.Concurrent;

namespace IlgpuSpp.Engine.Tests;

/// <summary>Random operands of one convolution on a backend, and its three passes.</summary>
internal sealed class ConvTestBench : IDisposable
{
    // The operands depend on the shape alone, and every instruction set is held against the same numbers.
    private static readonly ConcurrentDictionary<(ReferenceConvShape, bool), Expected> s_expected = new();

    private readonly CpuBackend _backend;
    private readonly ReferenceConvShape _shape;
    private readonly Tensor _x, _w, _bias, _y, _dy, _dx, _dw, _dBias;
    private readonly ConvGeometry _geometry;

    /// <summary>Every instruction set with the number of every shape.</summary>
    public static TheoryData<SimdLevel, int> Cases(int shapes)
    {
        var data = new TheoryData<SimdLevel, int>();
        foreach (SimdLevel level in GemmTestBench.Levels)
            for (int i = 0; i < shapes; i++)
                data.Add(level, i);
        return data;
    }

    public ConvTestBench(CpuBackend backend, ReferenceConvShape shape)
    {
        _backend = backend;
        _shape = shape;
        _geometry = new ConvGeometry(shape.KernelHeight, shape.KernelWidth, shape.StrideHeight, shape.StrideWidth, shape.PadHeight, shape.PadWidth, shape.Groups) { PadBottom = shape.PadBottom, PadRight = shape.PadRight };
        X = GemmTestBench.Uniform(shape.InputLength, 1);
        W = GemmTestBench.Uniform(shape.WeightLength, 2);
        Bias = GemmTestBench.Uniform(shape.OutChannels, 3);
        DY = GemmTestBench.Uniform(shape.OutputLength, 4);
        OldW = GemmTestBench.Uniform(shape.WeightLength, 5);
        OldBias = GemmTestBench.Uniform(shape.OutChannels, 6);
        _x = backend.Put(X, shape.Batch, shape.Height, shape.Width, shape.InChannels);
        _w = backend.Put(W, WeightShape);
        _bias = backend.Put(Bias, shape.OutChannels);
        _y = backend.Allocate(new Shape(shape.Batch, shape.OutHeight, shape.OutWidth, shape.OutChannels));
        _dy = backend.Put(DY, shape.Batch, shape.OutHeight, shape.OutWidth, shape.OutChannels);
        _dx = backend.Allocate(_x.Shape);
        _dw = backend.Put(OldW, WeightShape);
        _dBias = backend.Put(OldBias, shape.OutChannels);
    }

    public float[] X { get; }

    public float[] W { get; }

    public float[] Bias { get; }

    public float[] DY { get; }

    public float[] OldW { get; }

    public float[] OldBias { get; }

    private int[] WeightShape => [_shape.KernelHeight, _shape.KernelWidth, _shape.InChannels / _shape.Groups, _shape.OutChannels];

    /// <summary>All passes against the loops in double precision.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="tolerance">Largest error, as a share of the sum of the absolute values of an element's terms.</param>
    /// <param name="shared">Whether that sum is the largest of all elements: elements of a Winograd tile share their rounding errors.</param>
    public static void AssertAllPasses(CpuBackend backend, ReferenceConvShape shape, double tolerance, bool shared = false)
    {
        using var operands = new ConvTestBench(backend, shape);
        Expected expected = s_expected.GetOrAdd((shape, shared), _ => operands.Reference(shared));
        GemmTestBench.AssertClose(expected.Y, operands.Forward(Activation.None), tolerance, $"forward {shape}");
        GemmTestBench.AssertClose(expected.InputGradient, operands.InputGradient(), tolerance, $"input gradient {shape}");
        (float[] dw, float[] dBias) = operands.ParameterGradients();
        GemmTestBench.AssertClose(expected.WeightGradient, dw, tolerance, $"weight gradient {shape}");
        GemmTestBench.AssertClose(expected.BiasGradient, dBias, tolerance, $"bias gradient {shape}");
        GemmTestBench.AssertClose(expected.WeightGradient, operands.WeightGradientAlone(), tolerance, $"weight gradient alone {shape}");
    }

    public float[] Forward(Activation activation)
    {
        _y.Upload([.. Enumerable.Repeat(float.NaN, (int)_y.Count)]);
        _backend.ConvForward(_x, _w, _bias, _y, _geometry, activation);
        return _y.ToArray();
    }

    public float[] ForwardWithoutBias()
    {
        _backend.ConvForward(_x, _w, null, _y, _geometry, Activation.None);
        return _y.ToArray();
    }

    public float[] InputGradient()
    {
        _dx.Upload([.. Enumerable.Repeat(float.NaN, (int)_dx.Count)]);
        _backend.ConvBackwardInput(_dy, _w, _dx, _geometry);
        return _dx.ToArray();
    }

    public (float[] Weights, float[] Bias) ParameterGradients()
    {
        _dw.Upload(OldW);
        _dBias.Upload(OldBias);
        _backend.ConvBackwardParameters(_x, _dy, _dw, _dBias, _geometry);
        return (_dw.ToArray(), _dBias.ToArray());
    }

    public float[] WeightGradientAlone()
    {
        _dw.Upload(OldW);
        _backend.ConvBackwardParameters(_x, _dy, _dw, null, _geometry);
        return _dw.ToArray();
    }

    public float[] WeightGradientFromZero()
    {
        _dw.Upload(new float[_dw.Count]);
        _backend.ConvBackwardParameters(_x, _dy, _dw, null, _geometry);
        return _dw.ToArray();
    }

    public float[] AllBits()
    {
        (float[] dw, float[] dBias) = ParameterGradients();
        return [.. Forward(Activation.Relu), .. InputGradient(), .. dw, .. dBias];
    }

    /// <summary>The three passes without looking at the results.</summary>
    public void Step()
    {
        _backend.ConvForward(_x, _w, _bias, _y, _geometry, Activation.Relu);
        _backend.ConvBackwardInput(_dy, _w, _dx, _geometry);
        _backend.ConvBackwardParameters(_x, _dy, _dw, _dBias, _geometry);
    }

    private Expected Reference(bool shared) => new(
        Share(ReferenceConv.Forward(X, W, Bias, _shape), shared),
        Share(ReferenceConv.InputGradient(DY, W, _shape), shared),
        Share(ReferenceConv.WeightGradient(X, DY, OldW, _shape), shared),
        Share(ReferenceLinear.BiasGradient(DY, OldBias, _shape.OutputLength / _shape.OutChannels, _shape.OutChannels), shared));

    private static (double[] Value, double[] Magnitude) Share((double[] Value, double[] Magnitude) result, bool shared)
    {
        if (shared) Array.Fill(result.Magnitude, result.Magnitude.Max());
        return result;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in new[] { _x, _w, _bias, _y, _dy, _dx, _dw, _dBias }) tensor.Dispose();
    }

    private sealed record Expected(
        (double[] Value, double[] Magnitude) Y,
        (double[] Value, double[] Magnitude) InputGradient,
        (double[] Value, double[] Magnitude) WeightGradient,
        (double[] Value, double[] Magnitude) BiasGradient);
}
