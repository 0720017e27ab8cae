using System.Numerics;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Models;

/// <summary>Orthonormal bases by the modified Gram-Schmidt process.</summary>
internal static class OrthonormalRows
{
    // A row that shrinks below this share of its length was a combination of those before it, up to rounding.
    private const double Dependent = 1e-6;

    /// <summary>
    /// Makes rows orthonormal in place, each in the span of itself and those before it. It is done twice, because once leaves rows that were nearly parallel
    /// only roughly orthogonal. A row that depends on earlier ones becomes zero.
    /// </summary>
    /// <param name="matrix"><c>[rows, length]</c>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="length">Values of a row.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Make(float[] matrix, int rows, int length, int threads, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) };
        for (int pass = 0; pass < 2; pass++)
        {
            double[] before = [.. Enumerable.Range(0, rows).Select(row => Norm(matrix.AsSpan(row * length, length)))];
            for (int pivot = 0; pivot < rows; pivot++)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<float> row = matrix.AsSpan(pivot * length, length);
                double norm = Norm(row);
                if (norm <= Dependent * before[pivot])
                {
                    row.Clear();
                    continue;
                }
                for (int i = 0; i < length; i++) row[i] = (float)(row[i] / norm);
                Parallel.For(pivot + 1, rows, parallel, later => Remove(matrix, later * length, pivot * length, length));
            }
        }
    }

    private static double Norm(ReadOnlySpan<float> row) => Math.Sqrt(VectorSums.Dot(row, row));

    private static void Remove(float[] matrix, int from, int unit, int length)
    {
        Span<float> row = matrix.AsSpan(from, length);
        ReadOnlySpan<float> direction = matrix.AsSpan(unit, length);
        float share = (float)VectorSums.Dot(row, direction);
        var shares = new Vector<float>(share);
        int at = 0;
        for (; at <= length - Vector<float>.Count; at += Vector<float>.Count)
            (new Vector<float>(row[at..]) - shares * new Vector<float>(direction[at..])).CopyTo(row[at..]);
        for (; at < length; at++) row[at] -= share * direction[at];
    }
}
