namespace IlgpuSpp.Engine;

/// <summary>What a convolution multiplies with and adds.</summary>
/// <param name="Weights">w, <c>[kh, kw, in/groups, out]</c>.</param>
/// <param name="Bias"><c>[out]</c>, or null.</param>
/// <param name="Geometry">The windows.</param>
/// <param name="Normalisation">A batch normalisation behind the convolution, which becomes part of it; or null.</param>
public sealed record ConvSource(Tensor Weights, Tensor? Bias, ConvGeometry Geometry, FixedBatchNorm? Normalisation = null)
{
    /// <summary>The tensors, absent ones left out.</summary>
    internal IEnumerable<Tensor> Tensors => ((Tensor?[])[Weights, Bias, Normalisation?.Gamma, Normalisation?.Beta, Normalisation?.Mean, Normalisation?.Variance]).OfType<Tensor>();
}

/// <summary>Batch normalisation with its running statistics: y = γ·(x − mean)/√(variance + ε) + β. All tensors are <c>[out]</c>.</summary>
/// <param name="Gamma">γ.</param>
/// <param name="Beta">β.</param>
/// <param name="Mean">The running mean.</param>
/// <param name="Variance">The running variance.</param>
/// <param name="Epsilon">ε, above 0.</param>
public sealed record FixedBatchNorm(Tensor Gamma, Tensor Beta, Tensor Mean, Tensor Variance, float Epsilon);

/// <summary>
/// The weights of a convolution in the form that a backend multiplies with, made once for any number of inference passes, also at a time. Where its source has been written to, the next
/// convolution makes it anew; writing while a convolution reads it is an error, as with any tensor.
/// </summary>
/// <param name="source">The weights. They stay the owner's.</param>
public abstract class PackedConv(ConvSource source) : IDisposable
{
    private readonly Tensor[] _tensors = [.. source.Tensors];

    /// <summary>What it was made of.</summary>
    public ConvSource Source { get; } = source;

    /// <summary>Another number whenever the source has been written to.</summary>
    private protected long SourceWrites
    {
        get
        {
            long writes = 0;
            foreach (Tensor tensor in _tensors) writes += tensor.Buffer.Writes;
            return writes;
        }
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
