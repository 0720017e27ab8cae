namespace IlgpuSpp.Engine;

// Two-dimensional convolution (cross-correlation, as in every framework).
// x: [n, h, w, in], w: [kh, kw, in/groups, out], bias: [out], y: [n, oh, ow, out].
public abstract partial class Backend
{
    /// <summary>y = f(x ∗ w + bias); bias may be null.</summary>
    public abstract void ConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation);

    /// <summary>dx = gradient of the input for the output gradient dy.</summary>
    public abstract void ConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry);

    /// <summary>dw += gradient of the weights; dBias += gradient of the bias where it is given.</summary>
    public abstract void ConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry);
}
