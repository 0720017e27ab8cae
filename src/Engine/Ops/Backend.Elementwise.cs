namespace IlgpuSpp.Engine;

// Operations on elements. All tensors of a call have the same number of elements unless said otherwise.
public abstract partial class Backend
{
    /// <summary>y[i] = value.</summary>
    public void Fill(Tensor y, float value)
    {
        RunFill(y, value);
        Written(y);
    }

    /// <summary>y = x.</summary>
    public void Copy(Tensor x, Tensor y)
    {
        OpChecks.Elements(nameof(Copy), y, x);
        RunCopy(x, y);
        Written(y);
    }

    /// <summary>y = a + b. In place allowed (y may be a or b).</summary>
    public void Add(Tensor a, Tensor b, Tensor y)
    {
        OpChecks.Elements(nameof(Add), y, a, b);
        RunAdd(a, b, y);
        Written(y);
    }

    /// <summary>y = a · b, element by element. In place allowed.</summary>
    public void Multiply(Tensor a, Tensor b, Tensor y)
    {
        OpChecks.Elements(nameof(Multiply), y, a, b);
        RunMultiply(a, b, y);
        Written(y);
    }

    /// <summary>y = scale · x. In place allowed.</summary>
    public void Scale(Tensor x, float scale, Tensor y)
    {
        OpChecks.Elements(nameof(Scale), y, x);
        RunScale(x, scale, y);
        Written(y);
    }

    /// <summary>y += scale · x.</summary>
    public void Accumulate(Tensor x, float scale, Tensor y)
    {
        OpChecks.Elements(nameof(Accumulate), y, x);
        RunAccumulate(x, scale, y);
        Written(y);
    }

    /// <summary>y = f(x). In place allowed.</summary>
    public void ActivationForward(Activation activation, Tensor x, Tensor y)
    {
        OpChecks.KnownActivation(nameof(ActivationForward), activation);
        OpChecks.Elements(nameof(ActivationForward), y, x);
        RunActivationForward(activation, x, y);
        Written(y);
    }

    /// <summary>dx = dy · f′, with f′ told from the output y. In place allowed (dx may be dy).</summary>
    public void ActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx)
    {
        OpChecks.KnownActivation(nameof(ActivationBackward), activation);
        OpChecks.Elements(nameof(ActivationBackward), dx, y, dy);
        RunActivationBackward(activation, y, dy, dx);
        Written(dx);
    }

    /// <summary>
    /// y = x where x &gt; 0, slope·x elsewhere, with one slope a channel (He et al., "Delving deep into rectifiers", equation 1).
    /// <c>x, y: [rows…, c]</c>, <c>slope: [c]</c>. In place allowed.
    /// </summary>
    public void PReluForward(Tensor x, Tensor slope, Tensor y)
    {
        OpChecks.Expect(nameof(PReluForward), "y", x.Shape, y.Shape);
        OpChecks.PerChannel(nameof(PReluForward), x, slope);
        OpChecks.SameOrSeparate(nameof(PReluForward), y, x);
        OpChecks.Separate(nameof(PReluForward), y, slope);
        RunPReluForward(x, slope, y);
        Written(y);
    }

    /// <summary>
    /// Where they are given, dx = dy where x &gt; 0, slope·dy elsewhere, and dSlope += Σ over rows of x·dy where x ≤ 0.
    /// In place allowed (dx may be dy).
    /// </summary>
    public void PReluBackward(Tensor x, Tensor slope, Tensor dy, Tensor? dx, Tensor? dSlope)
    {
        OpChecks.Expect(nameof(PReluBackward), "dy", x.Shape, dy.Shape);
        OpChecks.PerChannel(nameof(PReluBackward), x, slope);
        if (dx is not null)
        {
            OpChecks.Expect(nameof(PReluBackward), "dx", x.Shape, dx.Shape);
            OpChecks.SameOrSeparate(nameof(PReluBackward), dx, dy);
            OpChecks.Separate(nameof(PReluBackward), dx, x, slope, dSlope);
        }
        if (dSlope is not null) OpChecks.PerChannel(nameof(PReluBackward), x, dSlope);
        OpChecks.Separate(nameof(PReluBackward), dSlope, x, slope, dy);
        RunPReluBackward(x, slope, dy, dx, dSlope);
        Written(dx, dSlope);
    }

    /// <summary>
    /// Joins tensors along the innermost dimension. <c>inputs[i]: [rows…, cᵢ]</c>, <c>y: [rows…, Σcᵢ]</c>.
    /// </summary>
    public void ConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        OpChecks.Concat(nameof(ConcatForward), inputs, y);
        OpChecks.Separate(nameof(ConcatForward), y, inputs);
        RunConcatForward(inputs, y);
        Written(y);
    }

    /// <summary>Cuts a gradient along the innermost dimension: the reverse of <see cref="ConcatForward"/>.</summary>
    public void ConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        OpChecks.Concat(nameof(ConcatBackward), inputGradients, dy);
        OpChecks.Separate(nameof(ConcatBackward), dy, inputGradients);
        RunConcatBackward(dy, inputGradients);
        Written(inputGradients);
    }
}
