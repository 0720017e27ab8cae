using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// Exponential, logarithm, power and sine in plain float arithmetic, accurate to a few units in the last place on every
/// device. The devices' own forms are approximate (PTX) or left to the driver (OpenCL).
/// </summary>
internal static class DeviceMath
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first has few enough bits that n times it is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>eˣ; 0 below −87.3, where the result would be denormal.</summary>
    public static float Exp(float x)
    {
        if (x > 88.7228f) return float.PositiveInfinity;
        if (x < -87.33654f) return 0;
        float n = MathF.Floor(x * Log2E + 0.5f);
        float r = x - n * Ln2High - n * Ln2Low;
        // Cephes' polynomial for expf (S. Moshier, netlib).
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        float y = p * r * r + r + 1;
        // 2ⁿ as two factors: n may be 128.
        int low = (int)n / 2, high = (int)n - low;
        return y * PowerOfTwo(low) * PowerOfTwo(high);
    }

    /// <summary>ln x for normal x above 0; −∞ at 0, NaN below.</summary>
    public static float Log(float x)
    {
        if (x <= 0) return x == 0 ? float.NegativeInfinity : float.NaN;
        uint bits = Interop.FloatAsInt(x);
        int exponent = (int)(bits >> 23) - 127;
        float m = Interop.IntAsFloat((bits & 0x7FFFFFu) | 0x3F800000u);
        if (m > 1.41421356f)
        {
            m *= 0.5f;
            exponent++;
        }
        // ln m = 2·artanh(s) with s = (m − 1)/(m + 1), |s| < 0.172: five terms reach float accuracy.
        float s = (m - 1) / (m + 1), z = s * s;
        float tail = z * (0.66666667f + z * (0.4f + z * (0.28571429f + z * 0.22222222f)));
        float ln = s * tail + 2 * s;
        return exponent * Ln2High + (ln + exponent * Ln2Low);
    }

    /// <summary>xʸ for x above 0.</summary>
    public static float Power(float x, float y) => Exp(y * Log(x));

    /// <summary>sin 2πu for u in [0, 1).</summary>
    public static float SinTurns(float u)
    {
        int quarter = (int)(u * 4 + 0.5f);
        return QuarterTurns(quarter, (u - quarter * 0.25f) * 6.28318531f);
    }

    /// <summary>cos 2πu for u in [0, 1).</summary>
    public static float CosTurns(float u)
    {
        int quarter = (int)(u * 4 + 0.5f);
        return QuarterTurns(quarter + 1, (u - quarter * 0.25f) * 6.28318531f);
    }

    // sin(quarter·π/2 + a) for |a| ≤ π/4, by Taylor's series.
    private static float QuarterTurns(int quarter, float a)
    {
        float z = a * a;
        float sine = a + a * z * (-1.66666667e-1f + z * (8.33333333e-3f + z * (-1.98412698e-4f + z * 2.75573192e-6f)));
        float cosine = 1 + z * (-0.5f + z * (4.16666667e-2f + z * (-1.38888889e-3f + z * 2.48015873e-5f)));
        float value = (quarter & 1) == 0 ? sine : cosine;
        return (quarter & 2) == 0 ? value : -value;
    }

    private static float PowerOfTwo(int n) => Interop.IntAsFloat((uint)(n + 127) << 23);
}
