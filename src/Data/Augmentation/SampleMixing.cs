namespace IlgpuSpp.Data;

/// <summary>
/// Mixes two inputs and says with what share each counts: mixup (Zhang et al., "mixup: Beyond empirical risk minimization": λ·a + (1 − λ)·b with λ from Beta(α, α)) or CutMix
/// (Yun et al., "CutMix": a rectangle of 1 − λ of the area from the other). Where both are asked for, each sample draws one of them. Thread-safe.
/// </summary>
/// <param name="options">α of both.</param>
internal sealed class SampleMixing(AugmentationOptions options)
{
    /// <summary>Whether anything is mixed.</summary>
    public static bool IsAsked(AugmentationOptions options) => options.Mixup > 0 || options.CutMix > 0;

    /// <summary>Mixes the other input into the first.</summary>
    /// <param name="pixels"><c>[size, size, 3]</c>; receives the mixture.</param>
    /// <param name="other"><c>[size, size, 3]</c>.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="random">The sample's numbers.</param>
    /// <returns>The first one's share, 0 to 1.</returns>
    public float Mix(Span<float> pixels, ReadOnlySpan<float> other, int size, RandomStream random)
    {
        bool cut = options.CutMix > 0 && (options.Mixup <= 0 || random.NextUniform() < 0.5f);
        float share = Beta(cut ? options.CutMix : options.Mixup, random);
        if (!cut)
        {
            for (int i = 0; i < pixels.Length; i++) pixels[i] = share * pixels[i] + (1 - share) * other[i];
            return share;
        }
        // The rectangle's middle may lie anywhere; what is cut off counts no more.
        int half = (int)(Math.Sqrt(1 - share) * size / 2), x = random.NextInt(size), y = random.NextInt(size);
        int left = Math.Max(0, x - half), right = Math.Min(size, x + half), top = Math.Max(0, y - half), bottom = Math.Min(size, y + half);
        for (int row = top; row < bottom; row++)
            other.Slice((row * size + left) * 3, (right - left) * 3).CopyTo(pixels[((row * size + left) * 3)..]);
        return 1 - (float)((right - left) * (bottom - top)) / (size * size);
    }

    /// <summary>A draw from Beta(α, α) by Jöhnk's method: of two uniform numbers' powers 1/α whose sum is at most 1, the first one's share.</summary>
    public static float Beta(double alpha, RandomStream random)
    {
        while (true)
        {
            // Logarithms, as powers of a small α vanish both.
            double x = Math.Log(1 - random.NextUniform()) / alpha, y = Math.Log(1 - random.NextUniform()) / alpha;
            double larger = Math.Max(x, y), logSum = larger + Math.Log(Math.Exp(x - larger) + Math.Exp(y - larger));
            if (logSum <= 0) return (float)Math.Exp(x - logSum);
        }
    }
}
