using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// Conversion of rows of components to RGB: R = Y + 1.402 (Cr - 128), G = Y - 0.34414 (Cb - 128) - 0.71414 (Cr - 128),
/// B = Y + 1.772 (Cb - 128) (JFIF 1.02), with factors scaled by 2^16 and each sum rounded once, as in the IJG library.
/// </summary>
internal static class JpegColour
{
    private const int CrToR = 91881;
    private const int CbToB = 116130;
    private const int CbToG = 22554;
    private const int CrToG = 46802;

    /// <summary>Converts YCbCr; all rows hold at least as many samples as <paramref name="rgb"/> has pixels.</summary>
    public static void YCbCrToRgb(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> rgb)
    {
        int width = rgb.Length / 3;
        int x = Avx2.IsSupported ? YCbCrToRgbAvx2(y, cb, cr, rgb, width) : 0;
        YCbCrToRgbScalar(y[x..width], cb[x..width], cr[x..width], rgb[(3 * x)..]);
    }

    internal static void YCbCrToRgbScalar(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> rgb)
    {
        cb = cb[..y.Length];
        cr = cr[..y.Length];
        for (int x = 0; x < y.Length; x++)
        {
            int luma = y[x], blue = cb[x] - 128, red = cr[x] - 128;
            rgb[3 * x] = Clamp(luma + (((CrToR * red) + 32768) >> 16));
            rgb[(3 * x) + 1] = Clamp(luma + (((-CbToG * blue) - (CrToG * red) + 32768) >> 16));
            rgb[(3 * x) + 2] = Clamp(luma + (((CbToB * blue) + 32768) >> 16));
        }
    }

    /// <summary>Interleaves three components that are RGB already.</summary>
    public static void Interleave(ReadOnlySpan<byte> r, ReadOnlySpan<byte> g, ReadOnlySpan<byte> b, Span<byte> rgb)
    {
        for (int x = 0, to = 0; to < rgb.Length; x++, to += 3)
        {
            rgb[to] = r[x];
            rgb[to + 1] = g[x];
            rgb[to + 2] = b[x];
        }
    }

    /// <summary>
    /// Converts four components to RGB without a colour profile: R = C K / 255 and so on. JPEG files hold inks inverted, as Adobe
    /// began to write them; like other readers, this one takes files without Adobe's marker to do the same.
    /// </summary>
    public static void CmykToRgb(ReadOnlySpan<byte> c, ReadOnlySpan<byte> m, ReadOnlySpan<byte> y, ReadOnlySpan<byte> k, Span<byte> rgb)
    {
        for (int x = 0, to = 0; to < rgb.Length; x++, to += 3)
        {
            rgb[to] = Product(c[x], k[x]);
            rgb[to + 1] = Product(m[x], k[x]);
            rgb[to + 2] = Product(y[x], k[x]);
        }
    }

    /// <summary>Converts YCCK: YCbCr gives RGB, whose complements are C, M and Y as stored; then as <see cref="CmykToRgb"/>.</summary>
    public static void YcckToRgb(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, ReadOnlySpan<byte> k, Span<byte> rgb)
    {
        YCbCrToRgb(y, cb, cr, rgb);
        for (int x = 0, to = 0; to < rgb.Length; x++, to += 3)
        {
            rgb[to] = Product(255 - rgb[to], k[x]);
            rgb[to + 1] = Product(255 - rgb[to + 1], k[x]);
            rgb[to + 2] = Product(255 - rgb[to + 2], k[x]);
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    private static byte Product(int a, int b) => (byte)(((a * b) + 127) / 255);

    /// <summary>Sixteen pixels at a time.</summary>
    /// <returns>How many pixels were converted.</returns>
    private static int YCbCrToRgbAvx2(ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> rgb, int width)
    {
        int x = 0;
        var low = Vector256.Create(0, 1, 4, 5, 2, 3, 6, 7);
        for (; x <= width - 16; x += 16)
        {
            var luma = Vector128.Create(y[x..]);
            var blue = Vector128.Create(cb[x..]);
            var red = Vector128.Create(cr[x..]);
            Convert(luma, blue, red, out Vector256<int> r0, out Vector256<int> g0, out Vector256<int> b0);
            Convert(High(luma), High(blue), High(red), out Vector256<int> r1, out Vector256<int> g1, out Vector256<int> b1);
            Store(Pack(r0, r1, low), Pack(g0, g1, low), Pack(b0, b1, low), rgb.Slice(3 * x, 48));
        }

        return x;
    }

    private static Vector128<byte> High(Vector128<byte> v) => Sse2.ShiftRightLogical128BitLane(v, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Convert(Vector128<byte> y, Vector128<byte> cb, Vector128<byte> cr, out Vector256<int> r, out Vector256<int> g, out Vector256<int> b)
    {
        Vector256<int> luma = Avx2.ConvertToVector256Int32(y);
        Vector256<int> blue = Avx2.ConvertToVector256Int32(cb) - Vector256.Create(128);
        Vector256<int> red = Avx2.ConvertToVector256Int32(cr) - Vector256.Create(128);
        var half = Vector256.Create(32768);
        r = luma + (((red * CrToR) + half) >> 16);
        g = luma + ((half - (blue * CbToG) - (red * CrToG)) >> 16);
        b = luma + (((blue * CbToB) + half) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(Vector256<int> first, Vector256<int> second, Vector256<int> order)
    {
        // The packs work in 128-bit halves: pairs of four pixels come out as 0, 2, 1, 3 and are put in order here.
        Vector256<short> shorts = Avx2.PermuteVar8x32(Avx2.PackSignedSaturate(first, second).AsInt32(), order).AsInt16();
        return Sse2.PackUnsignedSaturate(shorts.GetLower(), shorts.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> r, Vector128<byte> g, Vector128<byte> b, Span<byte> rgb)
    {
        const byte No = 0x80;
        Vector128<byte> first = Ssse3.Shuffle(r, Vector128.Create(0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No, 5))
            | Ssse3.Shuffle(g, Vector128.Create(No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No))
            | Ssse3.Shuffle(b, Vector128.Create(No, No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No));
        Vector128<byte> second = Ssse3.Shuffle(r, Vector128.Create(No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10, No))
            | Ssse3.Shuffle(g, Vector128.Create(5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10))
            | Ssse3.Shuffle(b, Vector128.Create(No, 5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No));
        Vector128<byte> third = Ssse3.Shuffle(r, Vector128.Create(No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No, No))
            | Ssse3.Shuffle(g, Vector128.Create(No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No))
            | Ssse3.Shuffle(b, Vector128.Create(10, No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15));
        first.CopyTo(rgb);
        second.CopyTo(rgb[16..]);
        third.CopyTo(rgb[32..]);
    }
}
