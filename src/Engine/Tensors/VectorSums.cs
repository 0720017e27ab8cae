using System.Numerics;

namespace IlgpuSpp.Engine;

/// <summary>Sums of products over host memory.</summary>
public static class VectorSums
{
    /// <summary>Σ x·y in double precision.</summary>
    /// <param name="x">A vector.</param>
    /// <param name="y">A vector of at least its length.</param>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector<double> sums = Vector<double>.Zero;
        int at = 0;
        for (; at <= x.Length - Vector<double>.Count; at += Vector<double>.Count) sums += new Vector<double>(x[at..]) * new Vector<double>(y[at..]);
        double sum = Vector.Sum(sums);
        for (; at < x.Length; at++) sum += x[at] * y[at];
        return sum;
    }

    /// <summary>Σ x·y of floats, summed in double precision.</summary>
    /// <param name="x">A vector.</param>
    /// <param name="y">A vector of at least its length.</param>
    public static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector<double> sums = Vector<double>.Zero;
        int at = 0;
        for (; at <= x.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(x[at..]), out Vector<double> xLow, out Vector<double> xHigh);
            Vector.Widen(new Vector<float>(y[at..]), out Vector<double> yLow, out Vector<double> yHigh);
            sums += xLow * yLow + xHigh * yHigh;
        }
        double sum = Vector.Sum(sums);
        for (; at < x.Length; at++) sum += (double)x[at] * y[at];
        return sum;
    }
}
