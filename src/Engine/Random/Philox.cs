namespace IlgpuSpp.Engine;

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3" (SC 2011). Element <c>i</c> of a stream is word <c>i % 4</c> of the block with counter
/// <c>(i / 4 low, i / 4 high, stream, step)</c> under the key <c>(seed low, seed high)</c>.
/// </summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>Four random words.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="block">Number of the block inside the stream.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxBlock Block(RandomKey key, ulong block) =>
        Rounds((uint)block, (uint)(block >> 32), key.Stream, key.Step, (uint)key.Seed, (uint)(key.Seed >> 32));

    /// <summary>The ten rounds on an explicit counter and key.</summary>
    /// <param name="c0">Counter word 0.</param>
    /// <param name="c1">Counter word 1.</param>
    /// <param name="c2">Counter word 2.</param>
    /// <param name="c3">Counter word 3.</param>
    /// <param name="k0">Key word 0.</param>
    /// <param name="k1">Key word 1.</param>
    public static PhiloxBlock Rounds(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            uint n0 = (uint)(p1 >> 32) ^ c1 ^ k0, n2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            c0 = n0;
            c2 = n2;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return new PhiloxBlock(c0, c1, c2, c3);
    }

    /// <summary>One word of a stream.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="index">The element, from 0.</param>
    public static uint Word(RandomKey key, long index) => Block(key, (ulong)index >> 2)[(int)(index & 3)];

    /// <summary>A uniform number in [0, 1) with 24 random bits: the form every backend uses.</summary>
    /// <param name="word">A random word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToUniform(uint word) => (word >> 8) * (1f / 16777216f);
}

/// <summary>One block of <see cref="Philox"/>: four random words.</summary>
/// <param name="X">Word 0.</param>
/// <param name="Y">Word 1.</param>
/// <param name="Z">Word 2.</param>
/// <param name="W">Word 3.</param>
public readonly record struct PhiloxBlock(uint X, uint Y, uint Z, uint W)
{
    /// <summary>One of the four words.</summary>
    /// <param name="index">0 to 3.</param>
    public uint this[int index] => index switch { 0 => X, 1 => Y, 2 => Z, _ => W };
}
