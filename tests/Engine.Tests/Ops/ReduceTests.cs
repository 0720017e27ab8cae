namespace IlgpuSpp.Engine.Tests;

public sealed class ReduceTests
{
    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Sums_match_double_precision(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        using Tensor result = backend.Unwritten(new Shape(1));
        foreach (int length in new[] { 0, 1, 5, 63, 1000, 100_003 })
        {
            float[] x = TestValues.Uniform(length, 70, 0, 2);
            using Tensor tx = backend.Tensor(new Shape(length), x);
            double sum = x.Sum(v => (double)v), squares = x.Sum(v => (double)v * v);
            backend.Sum(tx, result);
            Expect.Close([sum], result.ToArray(), 2e-7, 0);
            backend.SumOfSquares(tx, result, accumulate: false);
            Expect.Close([squares], result.ToArray(), 2e-7, 0);
            result.Upload([3]);
            backend.SumOfSquares(tx, result, accumulate: true);
            Expect.Close([squares + 3], result.ToArray(), 2e-7, 0);
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Column_sums_match_double_precision_and_accumulate(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        foreach (Shape shape in new[] { new Shape(1, 1), new Shape(5, 7), new Shape(2, 9, 11, 70), new Shape(3000, 3), new Shape(16, 500) })
        {
            int columns = shape.Channels;
            float[] x = TestValues.Uniform(shape.Count, 71, 0, 1);
            var sums = new double[columns];
            for (int i = 0; i < x.Length; i++) sums[i % columns] += x[i];
            using Tensor tx = backend.Tensor(shape, x), result = backend.Unwritten(new Shape(columns));
            backend.ColumnSums(tx, result, accumulate: false);
            Expect.Close(sums, result.ToArray(), 1e-6, 0);
            backend.ColumnSums(tx, result, accumulate: true);
            Expect.Close(Array.ConvertAll(sums, s => 2 * s), result.ToArray(), 1e-6, 0);
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Argmax_takes_the_first_of_equals(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        float[] x = TestValues.Uniform(500 * 30, 72, 0, 9).Select(MathF.Floor).ToArray();
        using Tensor tx = backend.Tensor(new Shape(500, 30), x);
        using Tensor<int> result = backend.Allocate<int>(new Shape(500));
        backend.ArgmaxRows(tx, result);
        Assert.Equal(Enumerable.Range(0, 500).Select(r => Array.IndexOf(x, x.Skip(30 * r).Take(30).Max(), 30 * r, 30) - 30 * r), result.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Label_ranks_count_the_columns_that_win(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        float nan = float.NaN;
        using Tensor x = backend.Tensor(new Shape(7, 4),
        [
            1, 4, 3, 2, // label 1: first
            1, 4, 3, 2, // label 0: last
            5, 5, 5, 5, // label 2: two equals before it
            5, 5, 5, 5, // label 0
            nan, 9, 1, 1, // a NaN beats everyone
            1, 2, 3, 4, // ignored
            1, 2, 3, nan, // the label itself
        ]);
        using Tensor<int> labels = backend.Index(new Shape(7), [1, 0, 2, 0, 1, -1, 3]), ranks = backend.Allocate<int>(new Shape(7));
        backend.LabelRanks(x, labels, ranks);
        Assert.Equal([0, 3, 2, 0, 4, -1, 4], ranks.ToArray());
    }
}
