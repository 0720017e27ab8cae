namespace IlgpuSpp.Engine;

// Operations on elements. All tensors of a call have the same number of elements unless said otherwise.
public abstract partial class Backend
{
    /// <summary>y[i] = value.</summary>
    public abstract void Fill(Tensor y, float value);

    /// <summary>y = x.</summary>
    public abstract void Copy(Tensor x, Tensor y);

    /// <summary>y = a + b. In place allowed (y may be a or b).</summary>
    public abstract void Add(Tensor a, Tensor b, Tensor y);

    /// <summary>y = a · b, element by element. In place allowed.</summary>
    public abstract void Multiply(Tensor a, Tensor b, Tensor y);

    /// <summary>y = scale · x. In place allowed.</summary>
    public abstract void Scale(Tensor x, float scale, Tensor y);

    /// <summary>y += scale · x.</summary>
    public abstract void Accumulate(Tensor x, float scale, Tensor y);

    /// <summary>y = f(x). In place allowed.</summary>
    public abstract void ActivationForward(Activation activation, Tensor x, Tensor y);

    /// <summary>dx = dy · f′, with f′ told from the output y. In place allowed (dx may be dy).</summary>
    public abstract void ActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx);

    /// <summary>
    /// Joins tensors along the innermost dimension. <c>inputs[i]: [rows…, cᵢ]</c>, <c>y: [rows…, Σcᵢ]</c>.
    /// </summary>
    public abstract void ConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y);

    /// <summary>Cuts a gradient along the innermost dimension: the reverse of <see cref="ConcatForward"/>.</summary>
    public abstract void ConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients);
}
