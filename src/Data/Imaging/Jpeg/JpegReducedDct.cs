using static IlgpuSpp.Data.Imaging.Jpeg.JpegInverseDct;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// Inverse DCTs of an 8x8 block to 4x4, 2x2 or 1x1 samples: the pairs, fours or all of the samples that the 8-point transform would give, averaged, worked out for the
/// coefficients themselves and without the highest ones, which hardly count. In 32-bit integers with the constants and roundings of the IJG library's reduced transforms, so that results
/// agree with it bit by bit.
/// </summary>
internal static class JpegReducedDct
{
    // round(x * 2^13); others are those of the whole transform.
    private const int C0211164243 = 1730;
    private const int C0509795579 = 4176;
    private const int C0601344887 = 4926;
    private const int C0720959822 = 5906;
    private const int C0850430095 = 6967;
    private const int C1061594337 = 8697;
    private const int C1272758580 = 10426;
    private const int C1451774981 = 11893;
    private const int C2172734803 = 17799;
    private const int C3624509785 = 29692;

    /// <summary>Transforms dequantised coefficients to samples, level-shifted by 128 and clamped.</summary>
    /// <param name="block">64 coefficients in natural order.</param>
    /// <param name="plane">Where the block begins; rows are <paramref name="stride"/> apart.</param>
    /// <param name="stride">Samples from one row to the next.</param>
    /// <param name="side">4, 2 or 1.</param>
    public static void Transform(ReadOnlySpan<int> block, Span<byte> plane, int stride, int side)
    {
        switch (side)
        {
            case 4:
                Four(block, plane, stride);
                break;
            case 2:
                Two(block, plane, stride);
                break;
            default:
                plane[0] = Sample((block[0] + 4) >> 3);
                break;
        }
    }

    private static void Four(ReadOnlySpan<int> block, Span<byte> plane, int stride)
    {
        block = block[..64];
        Span<int> work = stackalloc int[32];
        const int Shift = ConstBits - PassBits + 1;
        for (int x = 0; x < 8; x++)
        {
            // The second pass does not read the fifth column.
            if (x == 4) continue;
            (int a, int b, int c, int d) = Points(block[x], block[8 + x], block[16 + x], block[24 + x], block[40 + x], block[48 + x], block[56 + x], Shift);
            (work[x], work[8 + x], work[16 + x], work[24 + x]) = (a, b, c, d);
        }
        for (int y = 0; y < 4; y++)
        {
            ReadOnlySpan<int> row = work.Slice(8 * y, 8);
            (int a, int b, int c, int d) = Points(row[0], row[1], row[2], row[3], row[5], row[6], row[7], ConstBits + PassBits + 3 + 1);
            Span<byte> to = plane.Slice(y * stride, 4);
            (to[0], to[1], to[2], to[3]) = (Sample(a), Sample(b), Sample(c), Sample(d));
        }
    }

    private static (int A, int B, int C, int D) Points(int i0, int i1, int i2, int i3, int i5, int i6, int i7, int shift)
    {
        int first = i0 << (ConstBits + 1), even = i2 * C1847759065 - i6 * C0765366865, outer = first + even, inner = first - even;
        int odd = -i7 * C0211164243 + i5 * C1451774981 - i3 * C2172734803 + i1 * C1061594337;
        int high = -i7 * C0509795579 - i5 * C0601344887 + i3 * C0899976223 + i1 * C2562915447;
        int round = 1 << (shift - 1);
        return ((outer + high + round) >> shift, (inner + odd + round) >> shift, (inner - odd + round) >> shift, (outer - high + round) >> shift);
    }

    private static void Two(ReadOnlySpan<int> block, Span<byte> plane, int stride)
    {
        block = block[..64];
        Span<int> work = stackalloc int[16];
        const int Shift = ConstBits - PassBits + 2;
        // Of the even columns the second pass reads the first alone.
        ReadOnlySpan<byte> columns = [0, 1, 3, 5, 7];
        foreach (byte x in columns)
        {
            (int a, int b) = Points(block[x], block[8 + x], block[24 + x], block[40 + x], block[56 + x], Shift);
            (work[x], work[8 + x]) = (a, b);
        }
        for (int y = 0; y < 2; y++)
        {
            ReadOnlySpan<int> row = work.Slice(8 * y, 8);
            (int a, int b) = Points(row[0], row[1], row[3], row[5], row[7], ConstBits + PassBits + 3 + 2);
            (plane[y * stride], plane[y * stride + 1]) = (Sample(a), Sample(b));
        }
    }

    private static (int A, int B) Points(int i0, int i1, int i3, int i5, int i7, int shift)
    {
        int first = i0 << (ConstBits + 2), odd = -i7 * C0720959822 + i5 * C0850430095 - i3 * C1272758580 + i1 * C3624509785;
        int round = 1 << (shift - 1);
        return ((first + odd + round) >> shift, (first - odd + round) >> shift);
    }

    private static byte Sample(int value) => (byte)Math.Clamp(value + 128, 0, 255);
}
