namespace IlgpuSpp.Engine;

/// <summary>
/// Two-dimensional convolution (cross-correlation, as in every framework).
/// <c>x: [n, h, w, in]</c>, <c>w: [kh, kw, in/groups, out]</c>, <c>bias: [out]</c>, <c>y: [n, oh, ow, out]</c>.
/// </summary>
public interface IConvOps
{
    /// <summary>y = f(x ∗ w + bias); bias may be null.</summary>
    void ConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation);

    /// <summary>dx = gradient of the input for the output gradient dy.</summary>
    void ConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry);

    /// <summary>dw += gradient of the weights; dBias += gradient of the bias where it is given.</summary>
    void ConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry);
}
