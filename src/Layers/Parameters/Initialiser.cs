namespace IlgpuSpp.Layers;

/// <summary>The values that a parameter starts from.</summary>
public abstract record Initialiser
{
    /// <summary>Fills a tensor.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">The parameter's values.</param>
    /// <param name="fanIn">Inputs that one output sums over.</param>
    /// <param name="key">The parameter's random stream.</param>
    public abstract void Fill(Backend backend, Tensor tensor, int fanIn, RandomKey key);

    /// <summary>Normal with deviation √(2 / fan-in) (He et al., "Delving deep into rectifiers", equation 10).</summary>
    public static Initialiser He { get; } = new FanInInitialiser(2);

    /// <summary>Normal with deviation √(1 / (3·fan-in)): as long as the weights that PyTorch's convolutions and linear layers start from.</summary>
    public static Initialiser Torch { get; } = new FanInInitialiser(1f / 3);

    private sealed record FanInInitialiser(float Variance) : Initialiser
    {
        public override void Fill(Backend backend, Tensor tensor, int fanIn, RandomKey key) => backend.FillNormal(tensor, 0, MathF.Sqrt(Variance / Math.Max(1, fanIn)), key);
    }
}

/// <summary>Every element the same.</summary>
/// <param name="Value">The value.</param>
public sealed record ConstantInitialiser(float Value) : Initialiser
{
    /// <inheritdoc/>
    public override void Fill(Backend backend, Tensor tensor, int fanIn, RandomKey key) => backend.Fill(tensor, Value);
}

/// <summary>Normal with mean 0: the paper's networks use a deviation of 0.01.</summary>
/// <param name="Deviation">Standard deviation.</param>
public sealed record GaussianInitialiser(float Deviation) : Initialiser
{
    /// <inheritdoc/>
    public override void Fill(Backend backend, Tensor tensor, int fanIn, RandomKey key) => backend.FillNormal(tensor, 0, Deviation, key);
}
