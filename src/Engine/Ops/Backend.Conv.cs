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
        Written(y);
    }

    /// <summary>Keeps a convolution's weights in the form that inference multiplies with; null where this backend reads them as they are.</summary>
    /// <param name="source">The weights and what becomes part of them.</param>
    /// <exception cref="ShapeMismatchException">The tensors do not fit each other.</exception>
    public PackedConv? PackConv(ConvSource source)
    {
        OpChecks.ConvSource(nameof(PackConv), source);
        return RunPackConv(source);
    }

    /// <summary>y = f(x ∗ w + bias + added) with packed weights; added may be null. In place allowed (y may be added).</summary>
    /// <param name="x">The input, <c>[n, h, w, in]</c>.</param>
    /// <param name="packed">What <see cref="PackConv"/> of this backend gave.</param>
    /// <param name="added">A map of the output's shape, such as the other branch of a residual block, or null.</param>
    /// <param name="y">The output, <c>[n, oh, ow, out]</c>.</param>
    /// <param name="activation">f.</param>
    public void ConvForward(Tensor x, PackedConv packed, Tensor? added, Tensor y, Activation activation)
    {
        ConvSource source = packed.Source;
        OpChecks.Conv(nameof(ConvForward), x.Shape, source.Weights.Shape, y.Shape, source.Bias, source.Geometry);
        OpChecks.KnownActivation(nameof(ConvForward), activation);
        OpChecks.Separate(nameof(ConvForward), y, x, source.Weights, source.Bias);
        if (added is not null)
        {
            OpChecks.Expect(nameof(ConvForward), "added", y.Shape, added.Shape);
            OpChecks.SameOrSeparate(nameof(ConvForward), y, added);
        }
        RunConvForward(x, packed, added, y, activation);
        Written(y);
    }

    /// <summary>dx = gradient of the input for the output gradient dy.</summary>
    public void ConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry)
    {
        OpChecks.Conv(nameof(ConvBackwardInput), dx.Shape, w.Shape, dy.Shape, null, geometry);
        OpChecks.Separate(nameof(ConvBackwardInput), dx, dy, w);
        RunConvBackwardInput(dy, w, dx, geometry);
        Written(dx);
    }

    /// <summary>dw += gradient of the weights; dBias += gradient of the bias where it is given.</summary>
    public void ConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry)
    {
        OpChecks.Conv(nameof(ConvBackwardParameters), x.Shape, dw.Shape, dy.Shape, dBias, geometry);
        OpChecks.Separate(nameof(ConvBackwardParameters), dw, x, dy, dBias);
        OpChecks.Separate(nameof(ConvBackwardParameters), dBias, x, dy);
        RunConvBackwardParameters(x, dy, dw, dBias, geometry);
        Written(dw, dBias);
    }
}
