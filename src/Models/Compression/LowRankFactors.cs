using System.Numerics;

namespace IlgpuSpp.Models;

/// <summary>A matrix as the product of two thin ones, <c>W ≈ left·right</c>.</summary>
/// <param name="Rank">Columns of <paramref name="Left"/> and rows of <paramref name="Right"/>.</param>
/// <param name="Left"><c>[rows, rank]</c>, with orthonormal columns.</param>
/// <param name="Right"><c>[rank, columns]</c>.</param>
/// <param name="RelativeError">‖W − left·right‖ / ‖W‖ in the Frobenius norm, or that of the responses.</param>
internal sealed record LowRankFactors(int Rank, float[] Left, float[] Right, double RelativeError)
{
    // One or two give a good basis that is a little larger than the rank; this one has no vectors to spare, and more iterations instead.
    private const int PowerIterations = 6;

    /// <summary>
    /// Factors close to the best of a rank, which truncated singular value decomposition gives: a random sketch of the range, sharpened by subspace iteration
    /// (Halko, Martinsson, Tropp, "Finding structure with randomness", 2011, algorithm 4.4), and the projection on it.
    /// </summary>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="rank">The rank, at most the smaller extent of the matrix.</param>
    /// <param name="seed">Seed of the sketch.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is not between 1 and the matrix's smaller extent.</exception>
    public static LowRankFactors Of(Tensor matrix, int rank, ulong seed, CancellationToken cancellation = default)
    {
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, Math.Min(rows, columns));
        Backend backend = matrix.Backend;
        using Tensor wide = backend.Allocate(new Shape(rank, columns)), tall = backend.Allocate(new Shape(rank, rows));
        backend.FillNormal(wide, 0, 1, new RandomKey(seed, 0x10_0000, 0));
        // Bases are kept as rows: wide spans rows of the matrix, tall spans its columns.
        for (int iteration = 0; ; iteration++)
        {
            backend.Gemm(false, true, 1, wide, matrix, 0, tall);
            Orthonormalise(tall, cancellation);
            backend.Gemm(false, false, 1, tall, matrix, 0, wide);
            if (iteration == PowerIterations) break;
            Orthonormalise(wide, cancellation);
        }
        float[] basis = tall.ToArray(), right = wide.ToArray(), left = new float[basis.Length];
        for (int row = 0; row < rows; row++)
            for (int k = 0; k < rank; k++) left[row * rank + k] = basis[k * rows + row];
        // With an orthonormal basis the part that is left out is orthogonal to the part that is kept.
        double all = SumOfSquares(matrix.ToArray()), kept = SumOfSquares(right);
        return new LowRankFactors(rank, left, right, all == 0 ? 0 : Math.Sqrt(Math.Max(0, 1 - kept / all)));
    }

    /// <summary>
    /// Factors that keep responses best: with U the directions in which these vary most, W ≈ U·(UᵀW) (Zhang and others, equations 3 to 6).
    /// </summary>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="responses">Responses of <c>rows</c> values.</param>
    /// <param name="rank">The rank, at most the smaller extent of the matrix.</param>
    /// <param name="seed">Seed of the sketch.</param>
    /// <param name="cancellation">Stops it.</param>
    public static LowRankFactors ByResponses(Tensor matrix, LayerResponses responses, int rank, ulong seed, CancellationToken cancellation = default)
    {
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        using Tensor moments = responses.Moments();
        float[] left = Of(moments, rank, seed, cancellation).Left;
        Backend backend = matrix.Backend;
        using Tensor directions = backend.Allocate(new Shape(rows, rank)), along = backend.Allocate(new Shape(rows, rank)), right = backend.Allocate(new Shape(rank, columns));
        directions.Upload(left);
        backend.Gemm(true, false, 1, directions, matrix, 0, right);
        backend.Gemm(false, false, 1, moments, directions, 0, along);
        float[] all = moments.ToArray(), variances = along.ToArray();
        double total = Enumerable.Range(0, rows).Sum(i => (double)all[i * rows + i]), kept = VectorSums.Dot(left, variances);
        return new LowRankFactors(rank, left, right.ToArray(), total <= 0 ? 0 : Math.Sqrt(Math.Max(0, 1 - kept / total)));
    }

    /// <summary>The bias with which the factors' mean response is the layer's: b′ = ȳ + U·Uᵀ(b − ȳ).</summary>
    public float[] Bias(float[] bias, float[] mean)
    {
        var shares = new double[Rank];
        for (int row = 0; row < bias.Length; row++)
            for (int k = 0; k < Rank; k++) shares[k] += Left[row * Rank + k] * (double)(bias[row] - mean[row]);
        return [.. mean.Select((value, row) => (float)(value + Enumerable.Range(0, Rank).Sum(k => Left[row * Rank + k] * shares[k])))];
    }

    private static void Orthonormalise(Tensor basis, CancellationToken cancellation)
    {
        float[] values = basis.ToArray();
        OrthonormalRows.Make(values, basis.Shape[0], basis.Shape[1], basis.Backend.Device.Parallelism, cancellation);
        basis.Upload(values);
    }

    private static double SumOfSquares(float[] values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return sum;
    }
}

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
