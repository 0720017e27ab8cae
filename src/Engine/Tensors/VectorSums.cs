using System.Runtime.Intrinsics;

namespace IlgpuSpp.Engine;

/// <summary>Sums of products over host memory: four partial sums on every processor, so that all give the same bits.</summary>
public static class VectorSums
{
    /// <summary>Σ x·y in double precision.</summary>
    /// <param name="x">A vector.</param>
    /// <param name="y">A vector of at least its length.</param>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector256<double> sums = Vector256<double>.Zero;
        int at = 0;
        for (; at <= x.Length - Vector256<double>.Count; at += Vector256<double>.Count) sums += Vector256.Create(x[at..]) * Vector256.Create(y[at..]);
        double sum = Vector256.Sum(sums);
        for (; at < x.Length; at++) sum += x[at] * y[at];
        return sum;
    }

    /// <summary>Σ x·y of floats, summed in double precision.</summary>
    /// <param name="x">A vector.</param>
    /// <param name="y">A vector of at least its length.</param>
    public static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector256<double> sums = Vector256<double>.Zero;
        int at = 0;
        for (; at <= x.Length - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            (Vector256<double> xLow, Vector256<double> xHigh) = Vector256.Widen(Vector256.Create(x[at..]));
            (Vector256<double> yLow, Vector256<double> yHigh) = Vector256.Widen(Vector256.Create(y[at..]));
            sums += xLow * yLow + xHigh * yHigh;
        }
        double sum = Vector256.Sum(sums);
        for (; at < x.Length; at++) sum += (double)x[at] * y[at];
        return sum;
    }
}
