using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>
/// The 8x8 inverse DCT in 32-bit integers: the algorithm of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 12 multiplications
/// a row, constants scaled by 2^13 and two extra bits kept between the passes. These are the roundings of the "accurate integer"
/// method of the IJG library, so that results agree with it bit by bit.
/// </summary>
internal static class JpegInverseDct
{
    internal const int ConstBits = 13;
    internal const int PassBits = 2;

    // round(x * 2^13)
    private const int C0298631336 = 2446;
    private const int C0390180644 = 3196;
    private const int C0541196100 = 4433;
    internal const int C0765366865 = 6270;
    internal const int C0899976223 = 7373;
    private const int C1175875602 = 9633;
    private const int C1501321110 = 12299;
    internal const int C1847759065 = 15137;
    private const int C1961570560 = 16069;
    private const int C2053119869 = 16819;
    internal const int C2562915447 = 20995;
    private const int C3072711026 = 25172;

    /// <summary>Transforms dequantised coefficients to samples, level-shifted by 128 and clamped.</summary>
    /// <param name="block">64 coefficients in natural order.</param>
    /// <param name="plane">Where the block begins; rows are <paramref name="stride"/> apart.</param>
    /// <param name="stride">Samples from one row to the next.</param>
    /// <param name="side">Rows and columns of samples that the block becomes: 8, or 4, 2 or 1 for a smaller image.</param>
    public static void Transform(ReadOnlySpan<int> block, Span<byte> plane, int stride, int side)
    {
        if (side < 8) JpegReducedDct.Transform(block, plane, stride, side);
        else if (Avx2.IsSupported) TransformAvx2(block, plane, stride);
        else TransformScalar(block, plane, stride);
    }

    /// <summary>The same for a block that has no coefficient but the first.</summary>
    public static void TransformDc(int dc, Span<byte> plane, int stride, int side)
    {
        byte value = (byte)Math.Clamp((((dc << PassBits) + (1 << (PassBits + 2))) >> (PassBits + 3)) + 128, 0, 255);
        if (side < 8)
        {
            for (int row = 0; row < side; row++) plane.Slice(row * stride, side).Fill(value);
            return;
        }
        ulong eight = value * 0x0101010101010101UL;
        for (int row = 0; row < 8; row++) BinaryPrimitives.WriteUInt64LittleEndian(plane[(row * stride)..], eight);
    }

    internal static void TransformScalar(ReadOnlySpan<int> block, Span<byte> plane, int stride)
    {
        Span<int> work = stackalloc int[64];
        for (int x = 0; x < 8; x++) Pass(block, x, 8, work, ConstBits - PassBits);

        for (int y = 0; y < 8; y++)
        {
            Pass(work, y * 8, 1, work, ConstBits + PassBits + 3);
            Span<byte> row = plane.Slice(y * stride, 8);
            for (int x = 0; x < 8; x++) row[x] = (byte)Math.Clamp(work[(y * 8) + x] + 128, 0, 255);
        }
    }

    private static void Pass(ReadOnlySpan<int> from, int at, int step, Span<int> to, int shift)
    {
        int even2 = from[at + (2 * step)], even6 = from[at + (6 * step)];
        int z1 = (even2 + even6) * C0541196100;
        int t2 = z1 - (even6 * C1847759065);
        int t3 = z1 + (even2 * C0765366865);
        int even0 = from[at], even4 = from[at + (4 * step)];
        int t0 = (even0 + even4) << ConstBits;
        int t1 = (even0 - even4) << ConstBits;
        int a0 = t0 + t3, a3 = t0 - t3, a1 = t1 + t2, a2 = t1 - t2;

        int o7 = from[at + (7 * step)], o5 = from[at + (5 * step)], o3 = from[at + (3 * step)], o1 = from[at + step];
        z1 = (o7 + o1) * -C0899976223;
        int z2 = (o5 + o3) * -C2562915447;
        int z3 = o7 + o3, z4 = o5 + o1;
        int z5 = (z3 + z4) * C1175875602;
        z3 = (z3 * -C1961570560) + z5;
        z4 = (z4 * -C0390180644) + z5;
        int b0 = (o7 * C0298631336) + z1 + z3;
        int b1 = (o5 * C2053119869) + z2 + z4;
        int b2 = (o3 * C3072711026) + z2 + z3;
        int b3 = (o1 * C1501321110) + z1 + z4;

        int round = 1 << (shift - 1);
        to[at] = (a0 + b3 + round) >> shift;
        to[at + (7 * step)] = (a0 - b3 + round) >> shift;
        to[at + step] = (a1 + b2 + round) >> shift;
        to[at + (6 * step)] = (a1 - b2 + round) >> shift;
        to[at + (2 * step)] = (a2 + b1 + round) >> shift;
        to[at + (5 * step)] = (a2 - b1 + round) >> shift;
        to[at + (3 * step)] = (a3 + b0 + round) >> shift;
        to[at + (4 * step)] = (a3 - b0 + round) >> shift;
    }

    /// <summary>One vector a row, eight columns in its lanes; the second pass runs on the transposed block.</summary>
    private static void TransformAvx2(ReadOnlySpan<int> block, Span<byte> plane, int stride)
    {
        block = block[..64];
        var r0 = Vector256.Create(block);
        var r1 = Vector256.Create(block[8..]);
        var r2 = Vector256.Create(block[16..]);
        var r3 = Vector256.Create(block[24..]);
        var r4 = Vector256.Create(block[32..]);
        var r5 = Vector256.Create(block[40..]);
        var r6 = Vector256.Create(block[48..]);
        var r7 = Vector256.Create(block[56..]);
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ConstBits - PassBits, 0);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);

        // The level shift goes in with the rounding.
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ConstBits + PassBits + 3, 128);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Store(r0, r1, r2, r3, plane, stride);
        Store(r4, r5, r6, r7, plane[(4 * stride)..], stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7,
        [ConstantExpected] int shift, int add)
    {
        var round = Vector256.Create((1 << (shift - 1)) + (add << shift));
        Vector256<int> z1 = (r2 + r6) * C0541196100;
        Vector256<int> t2 = z1 - (r6 * C1847759065);
        Vector256<int> t3 = z1 + (r2 * C0765366865);
        Vector256<int> t0 = ((r0 + r4) << ConstBits) + round;
        Vector256<int> t1 = ((r0 - r4) << ConstBits) + round;
        Vector256<int> a0 = t0 + t3;
        Vector256<int> a3 = t0 - t3;
        Vector256<int> a1 = t1 + t2;
        Vector256<int> a2 = t1 - t2;

        z1 = (r7 + r1) * -C0899976223;
        Vector256<int> z2 = (r5 + r3) * -C2562915447;
        Vector256<int> z3 = r7 + r3;
        Vector256<int> z4 = r5 + r1;
        Vector256<int> z5 = (z3 + z4) * C1175875602;
        z3 = (z3 * -C1961570560) + z5;
        z4 = (z4 * -C0390180644) + z5;
        Vector256<int> b0 = (r7 * C0298631336) + z1 + z3;
        Vector256<int> b1 = (r5 * C2053119869) + z2 + z4;
        Vector256<int> b2 = (r3 * C3072711026) + z2 + z3;
        Vector256<int> b3 = (r1 * C1501321110) + z1 + z4;

        r0 = (a0 + b3) >> shift;
        r7 = (a0 - b3) >> shift;
        r1 = (a1 + b2) >> shift;
        r6 = (a1 - b2) >> shift;
        r2 = (a2 + b1) >> shift;
        r5 = (a2 - b1) >> shift;
        r3 = (a3 + b0) >> shift;
        r4 = (a3 - b0) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7)
    {
        Vector256<long> a0 = Avx2.UnpackLow(r0, r1).AsInt64();
        Vector256<long> a1 = Avx2.UnpackHigh(r0, r1).AsInt64();
        Vector256<long> a2 = Avx2.UnpackLow(r2, r3).AsInt64();
        Vector256<long> a3 = Avx2.UnpackHigh(r2, r3).AsInt64();
        Vector256<long> a4 = Avx2.UnpackLow(r4, r5).AsInt64();
        Vector256<long> a5 = Avx2.UnpackHigh(r4, r5).AsInt64();
        Vector256<long> a6 = Avx2.UnpackLow(r6, r7).AsInt64();
        Vector256<long> a7 = Avx2.UnpackHigh(r6, r7).AsInt64();
        Vector256<long> b0 = Avx2.UnpackLow(a0, a2);
        Vector256<long> b1 = Avx2.UnpackHigh(a0, a2);
        Vector256<long> b2 = Avx2.UnpackLow(a1, a3);
        Vector256<long> b3 = Avx2.UnpackHigh(a1, a3);
        Vector256<long> b4 = Avx2.UnpackLow(a4, a6);
        Vector256<long> b5 = Avx2.UnpackHigh(a4, a6);
        Vector256<long> b6 = Avx2.UnpackLow(a5, a7);
        Vector256<long> b7 = Avx2.UnpackHigh(a5, a7);
        r0 = Avx2.Permute2x128(b0, b4, 0x20).AsInt32();
        r1 = Avx2.Permute2x128(b1, b5, 0x20).AsInt32();
        r2 = Avx2.Permute2x128(b2, b6, 0x20).AsInt32();
        r3 = Avx2.Permute2x128(b3, b7, 0x20).AsInt32();
        r4 = Avx2.Permute2x128(b0, b4, 0x31).AsInt32();
        r5 = Avx2.Permute2x128(b1, b5, 0x31).AsInt32();
        r6 = Avx2.Permute2x128(b2, b6, 0x31).AsInt32();
        r7 = Avx2.Permute2x128(b3, b7, 0x31).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> r0, Vector256<int> r1, Vector256<int> r2, Vector256<int> r3, Span<byte> plane, int stride)
    {
        // Saturating packs work in each 128-bit half; the permutation brings the two halves of each row together.
        Vector256<byte> bytes = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(r0, r1), Avx2.PackSignedSaturate(r2, r3));
        Vector256<ulong> rows = Avx2.PermuteVar8x32(bytes.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsUInt64();
        BinaryPrimitives.WriteUInt64LittleEndian(plane, rows[0]);
        BinaryPrimitives.WriteUInt64LittleEndian(plane[stride..], rows[1]);
        BinaryPrimitives.WriteUInt64LittleEndian(plane[(2 * stride)..], rows[2]);
        BinaryPrimitives.WriteUInt64LittleEndian(plane[(3 * stride)..], rows[3]);
    }
}
