namespace IlgpuSpp.Engine;

/// <summary>
/// The weights of a fully connected layer as 8-bit numbers, one scale an output: w ≈ scale·code with whole codes from −127 to 127 and scale = max|w|/127 over the output's weights, rounded up
/// to 17 significant bits: scale·code is then a float32 without rounding, and weights that were rounded once give the same codes and the same scale again. Made once
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

    private const uint ScaleMask = 0x7F;

    /// <summary>What it was made of.</summary>
    public Tensor Weights { get; } = weights;

    /// <summary>The codes of one output's weights.</summary>
    /// <param name="weights">The weights, finite.</param>
    /// <param name="codes">Receives as many whole numbers.</param>
    /// <returns>The scale; 0 where all weights are 0.</returns>
    internal static float Encode(ReadOnlySpan<float> weights, Span<sbyte> codes)
    {
        float largest = 0;
        foreach (float weight in weights) largest = MathF.Max(largest, MathF.Abs(weight));
        float scale = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(largest / LargestCode) + ScaleMask) & ~ScaleMask);
        // Of weights below all normal numbers nothing is left.
        float inverse = 1 / scale is var steps && float.IsFinite(steps) ? steps : 0;
        for (int i = 0; i < weights.Length; i++) codes[i] = (sbyte)MathF.Round(weights[i] * inverse);
        return scale;
    }

    /// <summary>A matrix as whole codes.</summary>
    /// <param name="weights"><c>[out, in]</c>, finite.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="codes">Receives as many whole numbers.</param>
    /// <returns>The scale of every row.</returns>
    internal static float[] Encode(ReadOnlySpan<float> weights, int outputs, Span<sbyte> codes)
    {
        var scales = new float[outputs];
        int inputs = weights.Length / Math.Max(1, outputs);
        for (int output = 0; output < outputs; output++) scales[output] = Encode(weights.Slice(output * inputs, inputs), codes.Slice(output * inputs, inputs));
        return scales;
    }

    /// <summary>The reverse of <see cref="Encode(ReadOnlySpan{float}, int, Span{sbyte})"/>.</summary>
    internal static void Decode(ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, Span<float> weights)
    {
        int inputs = codes.Length / Math.Max(1, scales.Length);
        for (int i = 0; i < codes.Length; i++) weights[i] = codes[i] * scales[i / inputs];
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
