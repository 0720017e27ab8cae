namespace IlgpuSpp.Engine;

/// <summary>
/// The weights of a fully connected layer as 8-bit numbers, one scale an output: w ≈ scale·code with whole codes from −127 to 127 and scale = max|w|/127 over the output's weights. Made once
/// for any number of inference passes, also at a time. Where the weights have been written to, the next product makes it anew; writing while a product reads it is an error, as with any
/// tensor.
/// </summary>
/// <param name="weights">The weights, <c>[out, in]</c>. They stay the owner's.</param>
public abstract class PackedInt8(Tensor weights) : IDisposable
{
    /// <summary>The largest code.</summary>
    public const int LargestCode = 127;

    /// <summary>The most inputs of a layer: the sum of their products has 32 bits.</summary>
    public const int MostInputs = int.MaxValue / (LargestCode * LargestCode);

    /// <summary>What it was made of.</summary>
    public Tensor Weights { get; } = weights;

    /// <summary>The codes of one output's weights.</summary>
    /// <param name="weights">The weights, finite.</param>
    /// <param name="codes">Receives as many whole numbers.</param>
    /// <returns>The scale; 0 where all weights are 0.</returns>
    public static float Encode(ReadOnlySpan<float> weights, Span<sbyte> codes)
    {
        float largest = 0;
        foreach (float weight in weights) largest = MathF.Max(largest, MathF.Abs(weight));
        // Of weights below all normal numbers nothing is left.
        float scale = largest / LargestCode, inverse = LargestCode / largest is var steps && float.IsFinite(steps) ? steps : 0;
        for (int i = 0; i < weights.Length; i++) codes[i] = (sbyte)MathF.Round(weights[i] * inverse);
        return scale;
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
