namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>The 8x8 forward DCT in 32-bit integers, with the algorithm and roundings of <see cref="JpegInverseDct"/>'s source; results are scaled by 8.</summary>
internal static class JpegForwardDct
{
    private const int ConstBits = 13;
    private const int PassBits = 2;

    /// <summary>Transforms level-shifted samples in place.</summary>
    /// <param name="block">64 values in natural order.</param>
    public static void Transform(Span<int> block)
    {
        for (var y = 0; y < 8; y++)
        {
            Pass(block, y * 8, 1, -PassBits, ConstBits - PassBits);
        }

        for (var x = 0; x < 8; x++)
        {
            Pass(block, x, 8, PassBits, ConstBits + PassBits);
        }
    }

    private static void Pass(Span<int> d, int at, int step, int evenShift, int shift)
    {
        int d0 = d[at], d1 = d[at + step], d2 = d[at + (2 * step)], d3 = d[at + (3 * step)];
        int d4 = d[at + (4 * step)], d5 = d[at + (5 * step)], d6 = d[at + (6 * step)], d7 = d[at + (7 * step)];
        int s0 = d0 + d7, s1 = d1 + d6, s2 = d2 + d5, s3 = d3 + d4;
        int t7 = d0 - d7, t6 = d1 - d6, t5 = d2 - d5, t4 = d3 - d4;
        int e0 = s0 + s3, e3 = s0 - s3, e1 = s1 + s2, e2 = s1 - s2;
        d[at] = Descale(e0 + e1, evenShift);
        d[at + (4 * step)] = Descale(e0 - e1, evenShift);
        var z1 = (e2 + e3) * 4433;
        d[at + (2 * step)] = Descale(z1 + (e3 * 6270), shift);
        d[at + (6 * step)] = Descale(z1 - (e2 * 15137), shift);

        z1 = (t4 + t7) * -7373;
        var z2 = (t5 + t6) * -20995;
        int z3 = t4 + t6, z4 = t5 + t7;
        var z5 = (z3 + z4) * 9633;
        z3 = (z3 * -16069) + z5;
        z4 = (z4 * -3196) + z5;
        d[at + (7 * step)] = Descale((t4 * 2446) + z1 + z3, shift);
        d[at + (5 * step)] = Descale((t5 * 16819) + z2 + z4, shift);
        d[at + (3 * step)] = Descale((t6 * 25172) + z2 + z3, shift);
        d[at + step] = Descale((t7 * 12299) + z1 + z4, shift);
    }

    private static int Descale(int value, int shift) => shift < 0 ? value << -shift : (value + (1 << (shift - 1))) >> shift;
}
