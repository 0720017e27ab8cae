using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Reference;

namespace IlgpuSpp.Engine.Tests;

/// <summary>Random operands of one convolution on a backend, and its three passes.</summary>
internal sealed class ConvTestBench : IDisposable
{
    private readonly CpuBackend _backend;
    private readonly ReferenceConvShape _shape;
    private readonly Tensor _x, _w, _bias, _y, _dy, _dx, _dw, _dBias;
    private readonly ConvGeometry _geometry;

    public ConvTestBench(CpuBackend backend, ReferenceConvShape shape)
    {
        _backend = backend;
        _shape = shape;
        _geometry = new ConvGeometry(shape.KernelHeight, shape.KernelWidth, shape.StrideHeight, shape.StrideWidth, shape.PadHeight, shape.PadWidth, shape.Groups);
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
    public static void AssertAllPasses(CpuBackend backend, ReferenceConvShape shape, double tolerance)
    {
        using var operands = new ConvTestBench(backend, shape);
        GemmTestBench.AssertClose(ReferenceConv.Forward(operands.X, operands.W, operands.Bias, shape), operands.Forward(Activation.None), tolerance, $"forward {shape}");
        GemmTestBench.AssertClose(ReferenceConv.InputGradient(operands.DY, operands.W, shape), operands.InputGradient(), tolerance, $"input gradient {shape}");
        var weights = ReferenceConv.WeightGradient(operands.X, operands.DY, operands.OldW, shape);
        var bias = ReferenceLinear.BiasGradient(operands.DY, operands.OldBias, shape.OutputLength / shape.OutChannels, shape.OutChannels);
        (float[] dw, float[] dBias) = operands.ParameterGradients();
        GemmTestBench.AssertClose(weights, dw, tolerance, $"weight gradient {shape}");
        GemmTestBench.AssertClose(bias, dBias, tolerance, $"bias gradient {shape}");
        GemmTestBench.AssertClose(weights, operands.WeightGradientAlone(), tolerance, $"weight gradient alone {shape}");
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

    public void Dispose()
    {
        foreach (Tensor tensor in new[] { _x, _w, _bias, _y, _dy, _dx, _dw, _dBias }) tensor.Dispose();
    }
}
