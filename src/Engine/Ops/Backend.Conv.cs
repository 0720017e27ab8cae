namespace IlgpuSpp.Engine;

// Two-dimensional convolution (cross-correlation, as in every framework).
// x: [n, h, w, in], w: [kh, kw, in/groups, out], bias: [out], y: [n, oh, ow, out].
public abstract partial class Backend
{
    /// <summary>y = f(x ∗ w + bias); bias may be null.</summary>
    public void ConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation)
    {
        OpChecks.Conv(nameof(ConvForward), x.Shape, w.Shape, y.Shape, bias, geometry);
        OpChecks.KnownActivation(nameof(ConvForward), activation);
        OpChecks.Separate(nameof(ConvForward), y, x, w, bias);
        RunConvForward(x, w, bias, y, geometry, activation);
    }

    /// <summary>dx = gradient of the input for the output gradient dy.</summary>
    public void ConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry)
    {
        OpChecks.Conv(nameof(ConvBackwardInput), dx.Shape, w.Shape, dy.Shape, null, geometry);
        OpChecks.Separate(nameof(ConvBackwardInput), dx, dy, w);
        RunConvBackwardInput(dy, w, dx, geometry);
    }

    /// <summary>dw += gradient of the weights; dBias += gradient of the bias where it is given.</summary>
    public void ConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry)
    {
        OpChecks.Conv(nameof(ConvBackwardParameters), x.Shape, dw.Shape, dy.Shape, dBias, geometry);
        OpChecks.Separate(nameof(ConvBackwardParameters), dw, x, dy, dBias);
        OpChecks.Separate(nameof(ConvBackwardParameters), dBias, x, dy);
        RunConvBackwardParameters(x, dy, dw, dBias, geometry);
    }
}
