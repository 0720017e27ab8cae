namespace IlgpuSpp.Engine;

/// <summary>Draws numbers one after another from one <see cref="RandomKey"/>, on the host.</summary>
public sealed class RandomStream(RandomKey key)
{
    private long _next;

    /// <summary>The next 32 random bits.</summary>
    public uint NextWord() => Philox.Word(key, _next++);

    /// <summary>A uniform number in [0, 1).</summary>
    public float NextUniform() => Philox.ToUniform(NextWord());

    /// <summary>A uniform number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">Lower bound, included.</param>
    /// <param name="high">Upper bound, excluded.</param>
    public float NextUniform(float low, float high) => low + (high - low) * NextUniform();

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without modulo bias.</summary>
    /// <param name="bound">Exclusive upper bound, at least 1.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        uint limit = uint.MaxValue - (uint)((1UL << 32) % (uint)bound);
        uint word;
        do word = NextWord();
        while (word > limit);
        return (int)(word % (uint)bound);
    }

    /// <summary>A standard normal number (Box and Muller's transform).</summary>
    public float NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - (double)NextUniform()));
        return (float)(radius * Math.Cos(2 * Math.PI * NextUniform()));
    }

    /// <summary>Puts a list into random order (Fisher and Yates).</summary>
    /// <param name="items">The list, reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}

/// <summary>
/// Names one stream of counter-based random numbers. Two draws with the same key are the same numbers on every
/// backend and at every thread count.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Stream">What draws: a layer's or parameter's number, or one of the loader's uses.</param>
/// <param name="Step">When it draws: the training step, epoch or sample number.</param>
public readonly record struct RandomKey(ulong Seed, uint Stream, uint Step);
