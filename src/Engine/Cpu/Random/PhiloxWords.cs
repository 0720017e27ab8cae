using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Runs of words of a <see cref="Philox"/> stream, several blocks at a time: one block a 64-bit lane, a counter word in the
/// lane's low half. The upper halves hold leftovers that no multiplication reads. Bit for bit the scalar definition.
/// </summary>
internal static unsafe class PhiloxWords
{
    /// <summary>Blocks are made in runs of this many, whatever the width.</summary>
    public const int BlocksPerRun = 8;

    private const ulong Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>Writes the words of whole runs of blocks.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="firstBlock">Number of the first block, a multiple of <see cref="BlocksPerRun"/>.</param>
    /// <param name="target">Receives 4 words for each block.</param>
    /// <param name="blocks">A multiple of <see cref="BlocksPerRun"/>.</param>
    /// <param name="lanes">Floats of a vector at the level in use: 16, 8, 4 or 1.</param>
    public static void Fill(RandomKey key, ulong firstBlock, uint* target, int blocks, int lanes)
    {
        switch (lanes)
        {
            case 16 when Avx512F.IsSupported:
                for (int b = 0; b < blocks; b += 8) Eight(key, firstBlock + (ulong)b, target + 4 * b);
                break;
            case 8 when Avx2.IsSupported:
                for (int b = 0; b < blocks; b += 4) Four(key, firstBlock + (ulong)b, target + 4 * b);
                break;
            case >= 4:
                for (int b = 0; b < blocks; b += 2) Two(key, firstBlock + (ulong)b, target + 4 * b);
                break;
            default:
                for (int b = 0; b < blocks; b++)
                {
                    PhiloxBlock block = Philox.Block(key, firstBlock + (ulong)b);
                    target[4 * b] = block.X;
                    target[4 * b + 1] = block.Y;
                    target[4 * b + 2] = block.Z;
                    target[4 * b + 3] = block.W;
                }
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(RandomKey key, ulong first, uint* target)
    {
        Vector512<ulong> index = Vector512.Create(first) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL), m0 = Vector512.Create(Multiplier0), m1 = Vector512.Create(Multiplier1);
        Vector512<ulong> c0 = index & low, c1 = index >>> 32, c2 = Vector512.Create((ulong)key.Stream), c3 = Vector512.Create((ulong)key.Step);
        uint k0 = (uint)key.Seed, k1 = (uint)(key.Seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector512<ulong> p0 = Avx512F.Multiply(c0.AsUInt32(), m0.AsUInt32()), p1 = Avx512F.Multiply(c2.AsUInt32(), m1.AsUInt32());
            c0 = (p1 >>> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c2 = (p0 >>> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            c1 = p1;
            c3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        Vector512<ulong> even = (c0 & low) | (c1 << 32), odd = (c2 & low) | (c3 << 32);
        var out64 = (ulong*)target;
        Avx512F.PermuteVar8x64x2(even, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), odd).Store(out64);
        Avx512F.PermuteVar8x64x2(even, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), odd).Store(out64 + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(RandomKey key, ulong first, uint* target)
    {
        Vector256<ulong> index = Vector256.Create(first) + Vector256.Create(0UL, 1, 2, 3);
        Vector256<ulong> low = Vector256.Create(0xFFFFFFFFUL), m0 = Vector256.Create(Multiplier0), m1 = Vector256.Create(Multiplier1);
        Vector256<ulong> c0 = index & low, c1 = index >>> 32, c2 = Vector256.Create((ulong)key.Stream), c3 = Vector256.Create((ulong)key.Step);
        uint k0 = (uint)key.Seed, k1 = (uint)(key.Seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> p0 = Avx2.Multiply(c0.AsUInt32(), m0.AsUInt32()), p1 = Avx2.Multiply(c2.AsUInt32(), m1.AsUInt32());
            c0 = (p1 >>> 32) ^ c1 ^ Vector256.Create((ulong)k0);
            c2 = (p0 >>> 32) ^ c3 ^ Vector256.Create((ulong)k1);
            c1 = p1;
            c3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        Vector256<ulong> even = (c0 & low) | (c1 << 32), odd = (c2 & low) | (c3 << 32);
        Vector256<ulong> a = Avx2.UnpackLow(even, odd), b = Avx2.UnpackHigh(even, odd);
        var out64 = (ulong*)target;
        Avx2.Permute2x128(a, b, 0x20).Store(out64);
        Avx2.Permute2x128(a, b, 0x31).Store(out64 + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(RandomKey key, ulong first, uint* target)
    {
        Vector128<ulong> index = Vector128.Create(first) + Vector128.Create(0UL, 1);
        Vector128<ulong> low = Vector128.Create(0xFFFFFFFFUL), m0 = Vector128.Create(Multiplier0), m1 = Vector128.Create(Multiplier1);
        Vector128<ulong> c0 = index & low, c1 = index >>> 32, c2 = Vector128.Create((ulong)key.Stream), c3 = Vector128.Create((ulong)key.Step);
        uint k0 = (uint)key.Seed, k1 = (uint)(key.Seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            Vector128<ulong> p0 = LowProduct(c0, m0), p1 = LowProduct(c2, m1);
            c0 = (p1 >>> 32) ^ c1 ^ Vector128.Create((ulong)k0);
            c2 = (p0 >>> 32) ^ c3 ^ Vector128.Create((ulong)k1);
            c1 = p1;
            c3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        Vector128<ulong> even = (c0 & low) | (c1 << 32), odd = (c2 & low) | (c3 << 32);
        var out64 = (ulong*)target;
        out64[0] = even.GetElement(0);
        out64[1] = odd.GetElement(0);
        out64[2] = even.GetElement(1);
        out64[3] = odd.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> LowProduct(Vector128<ulong> a, Vector128<ulong> b)
    {
        if (Sse2.IsSupported) return Sse2.Multiply(a.AsUInt32(), b.AsUInt32());
        if (AdvSimd.IsSupported)
            return AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(a), AdvSimd.ExtractNarrowingLower(b));
        return (a & Vector128.Create(0xFFFFFFFFUL)) * b;
    }
}
