namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Exponential, logarithm, sine and cosine of vectors. Argument reduction and minimax polynomials after the Cephes
/// mathematical library (S. Moshier). Relative error at most 2e-7 in the ranges given; the same bits at every width.
/// </summary>
internal static class VectorMath
{
    private const float Log2E = 1.44269504088896341f;

    // ln 2 in two parts: the first has 9 significant bits, so that its product with an exponent is exact.
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    /// <summary>
    /// e^x. Relative error at most 2e-7 for x in [−87.3, 88.7]; below that the result goes gradually to 0, above 88.73 it
    /// is +∞. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes low = TLanes.Splat(-104.5f), high = TLanes.Splat(89f);
        TLanes bounded = TLanes.MaxNative(TLanes.MinNative(x, high), low);
        // Round to nearest by adding and subtracting 1.5·2^23.
        TLanes magic = TLanes.Splat(12582912f);
        TLanes n = bounded * TLanes.Splat(Log2E) + magic - magic;
        TLanes r = bounded - n * TLanes.Splat(Ln2High) - n * TLanes.Splat(Ln2Low);
        TLanes p = TLanes.Splat(1.9875691500e-4f);
        p = p * r + TLanes.Splat(1.3981999507e-3f);
        p = p * r + TLanes.Splat(8.3334519073e-3f);
        p = p * r + TLanes.Splat(4.1665795894e-2f);
        p = p * r + TLanes.Splat(1.6666665459e-1f);
        p = p * r + TLanes.Splat(5.0000001201e-1f);
        p = p * (r * r) + r + TLanes.Splat(1f);
        // 2^n in two factors, so that neither leaves the exponent's range.
        TLanes exponent = TLanes.FloatToBits(n);
        TLanes half = TLanes.ShiftRightSignedBits(exponent, 1);
        TLanes rest = TLanes.SubtractBits(exponent, half);
        TLanes result = p * PowerOfTwo(half) * PowerOfTwo(rest);
        return TLanes.Select(TLanes.Equal(x, x), result, x);
    }

    /// <summary>
    /// ln x. Relative error at most 2e-7 for every positive x, subnormal numbers included. −∞ at 0, NaN below and for NaN,
    /// +∞ at +∞.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log<TLanes>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Splat(1f), zero = TLanes.Splat(0f);
        // Subnormal numbers are scaled by 2^23 first.
        TLanes tiny = TLanes.Less(x, TLanes.Splat(1.17549435e-38f));
        TLanes scaled = TLanes.Select(tiny, x * TLanes.Splat(8388608f), x);
        TLanes e = TLanes.SubtractBits(TLanes.ShiftRightBits(scaled, 23), TLanes.Select(tiny, TLanes.SplatBits(126 + 23), TLanes.SplatBits(126)));
        TLanes m = (scaled & TLanes.SplatBits(0x007FFFFF)) | TLanes.SplatBits(0x3F000000);
        // m in [0.5, 1); below √½ it is doubled, which centres it on 1.
        TLanes small = TLanes.Less(m, TLanes.Splat(0.707106781186547524f));
        TLanes n = TLanes.BitsToFloat(e) - (one & small);
        TLanes f = m - one + (m & small);
        TLanes z = f * f;
        TLanes p = TLanes.Splat(7.0376836292e-2f);
        p = p * f + TLanes.Splat(-1.1514610310e-1f);
        p = p * f + TLanes.Splat(1.1676998740e-1f);
        p = p * f + TLanes.Splat(-1.2420140846e-1f);
        p = p * f + TLanes.Splat(1.4249322787e-1f);
        p = p * f + TLanes.Splat(-1.6668057665e-1f);
        p = p * f + TLanes.Splat(2.0000714765e-1f);
        p = p * f + TLanes.Splat(-2.4999993993e-1f);
        p = p * f + TLanes.Splat(3.3333331174e-1f);
        TLanes y = p * f * z + n * TLanes.Splat(Ln2Low) - z * TLanes.Splat(0.5f);
        TLanes result = f + y + n * TLanes.Splat(Ln2High);
        TLanes infinity = TLanes.Splat(float.PositiveInfinity);
        result = TLanes.Select(TLanes.Equal(x, infinity), infinity, result);
        result = TLanes.Select(TLanes.Equal(x, zero), TLanes.Splat(float.NegativeInfinity), result);
        return TLanes.Select(TLanes.LessOrEqual(zero, x), result, TLanes.Splat(float.NaN));
    }

    /// <summary>
    /// Sine and cosine of 2πu for u in [0, 1), with at most 24 bits as from <see cref="Philox.ToUniform"/>. Absolute error at
    /// most 1.2e-7.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TLanes Sine, TLanes Cosine) SinCosTurns<TLanes>(TLanes u)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        // The nearest quarter turn; what is left is exact and at most an eighth of a turn.
        TLanes quadrant = TLanes.FloatToBits(u * TLanes.Splat(4f) + TLanes.Splat(0.5f));
        TLanes r = u - TLanes.BitsToFloat(quadrant) * TLanes.Splat(0.25f);
        TLanes a = r * TLanes.Splat(6.283185307179586f);
        TLanes z = a * a;
        TLanes s = TLanes.Splat(-1.9515295891e-4f);
        s = s * z + TLanes.Splat(8.3321608736e-3f);
        s = s * z + TLanes.Splat(-1.6666654611e-1f);
        s = s * z * a + a;
        TLanes c = TLanes.Splat(2.443315711809948e-5f);
        c = c * z + TLanes.Splat(-1.388731625493765e-3f);
        c = c * z + TLanes.Splat(4.166664568298827e-2f);
        c = c * z * z - z * TLanes.Splat(0.5f) + TLanes.Splat(1f);
        // Quadrants 1 and 3 swap the two; 2 and 3 negate the sine, 1 and 2 the cosine.
        TLanes one = TLanes.SplatBits(1);
        TLanes swap = TLanes.EqualBits(quadrant & one, one);
        TLanes sineSign = TLanes.ShiftLeftBits(quadrant & TLanes.SplatBits(2), 30);
        TLanes cosineSign = TLanes.ShiftLeftBits(TLanes.AddBits(quadrant, one) & TLanes.SplatBits(2), 30);
        return (TLanes.Select(swap, c, s) ^ sineSign, TLanes.Select(swap, s, c) ^ cosineSign);
    }

    /// <summary>s^(−β) for s above 0. Relative error at most 4e-7 for |β·ln s| up to 1, growing with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes NegativePower<TLanes>(TLanes s, float beta)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (beta == 0.75f)
        {
            TLanes root = TLanes.Sqrt(s);
            return TLanes.Splat(1f) / (root * TLanes.Sqrt(root));
        }
        return Exp(Log(s) * TLanes.Splat(-beta));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes PowerOfTwo<TLanes>(TLanes exponent)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.ShiftLeftBits(TLanes.AddBits(exponent, TLanes.SplatBits(127)), 23);
}
