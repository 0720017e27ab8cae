namespace IlgpuSpp.Ops;

internal static class ReduceCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in (int[])[1, 3, 700])
        {
            float[] x = TestValues.Uniform(n, 81, 0, 1);
            yield return new($"Sum {n}", 4e-6, t => { var y = t.Room(1); t.Backend.Sum(t.Put(x, n), y); return [y.ToArray()]; }, () => [[x.Sum(v => (double)v)]]);
            yield return new($"SumOfSquares {n}", 4e-6, t =>
            {
                Tensor y = t.Room(1), more = t.Put([3f], 1);
                t.Backend.SumOfSquares(t.Put(x, n), y, false);
                t.Backend.SumOfSquares(t.Put(x, n), more, true);
                return [y.ToArray(), more.ToArray()];
            }, () => [[x.Sum(v => (double)v * v)], [3 + x.Sum(v => (double)v * v)]]);
        }
        foreach (var (rows, c) in ((int, int)[])[(1, 1), (5, 3), (300, 35)])
        {
            float[] x = TestValues.Uniform(rows * c, 82), old = TestValues.Uniform(c, 83);
            yield return new($"ColumnSums {rows}x{c}", 4e-6, t =>
            {
                Tensor fresh = t.Room(c), more = t.Put(old, c);
                t.Backend.ColumnSums(t.Put(x, rows, c), fresh, false);
                t.Backend.ColumnSums(t.Put(x, rows, c), more, true);
                return [fresh.ToArray(), more.ToArray()];
            }, () =>
            {
                double[] sums = [.. Enumerable.Range(0, c).Select(k => Enumerable.Range(0, rows).Sum(r => (double)x[r * c + k]))];
                return [sums, sums.Plus(old.ToDouble())];
            });
        }
        foreach (var (n, c) in ((int, int)[])[(1, 1), (6, 9), (4, 40)])
        {
            float[] x = TestValues.Whole(n * c, 84, 5);
            int[] labels = [.. Enumerable.Range(0, n).Select(i => i == 3 ? -1 : (7 * i + 2) % c)];
            yield return new($"ArgmaxRows {n}x{c}", 0, t => { var y = t.IndexRoom(n); t.Backend.ArgmaxRows(t.Put(x, n, c), y); return [y.ToArray().ToFloat()]; },
                () => [[.. Enumerable.Range(0, n).Select(r => (double)Array.IndexOf(x[(r * c)..(r * c + c)], x[(r * c)..(r * c + c)].Max()))]]);
            yield return new($"LabelRanks {n}x{c}", 0, t => { var y = t.IndexRoom(n); t.Backend.LabelRanks(t.Put(x, n, c), t.Put(labels, n), y); return [y.ToArray().ToFloat()]; },
                () => [[.. Enumerable.Range(0, n).Select(r => labels[r] < 0 ? -1.0 : Enumerable.Range(0, c).Count(k =>
                    x[r * c + k] > x[r * c + labels[r]] || (x[r * c + k] == x[r * c + labels[r]] && k < labels[r])))]]);
        }
        yield return new("LabelRanks with a NaN", 0, t => { var y = t.IndexRoom(1); t.Backend.LabelRanks(t.Put([1f, float.NaN, 0], 1, 3), t.Put([0], 1), y); return [y.ToArray().ToFloat()]; },
            () => [[3]]);
    }
}
