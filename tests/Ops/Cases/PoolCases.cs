namespace IlgpuSpp.Ops;

internal static class PoolCases
{
    private sealed record Map(int N, int H, int W, int C);

    public static IEnumerable<OpCase> All()
    {
        foreach (var (map, g) in ((Map, PoolGeometry)[])
        [
            (new(1, 1, 1, 1), PoolGeometry.Square(1, 1)),
            (new(2, 7, 6, 3), PoolGeometry.Square(3, 2)),
            (new(2, 7, 6, 3), PoolGeometry.Square(3, 2, 0, PoolRounding.Ceil)),
            (new(1, 8, 5, 5), PoolGeometry.Square(3, 2, 1)),
            (new(1, 6, 6, 2), PoolGeometry.Square(2, 3, 1, PoolRounding.Ceil)),
            (new(1, 5, 9, 4), new PoolGeometry(2, 3, 1, 2, 1, 0, PoolRounding.Floor)),
            (new(1, 7, 6, 3), PoolGeometry.Square(3, 2, 1) with { PadBottom = 0, PadRight = 2 }),
        ])
        {
            foreach (OpCase c in Max(map, g, ties: false, reference: true)) yield return c;
            yield return Max(map, g, ties: true, reference: true).First();
            foreach (AveragePoolDivisor divisor in Enum.GetValues<AveragePoolDivisor>())
                foreach (OpCase c in Average(map, g, divisor))
                    yield return c;
        }
        yield return new("MaxPoolForward of NaN and minus infinity", 0, t =>
        {
            float[] x = [float.NegativeInfinity, float.NegativeInfinity, 1, float.NaN];
            Tensor y = t.Room(1, 1, 3, 1);
            Tensor<int> at = t.IndexRoom(1, 1, 3, 1);
            t.Backend.MaxPoolForward(t.Put(x, 1, 1, 4, 1), y, at, new PoolGeometry(1, 2, 1, 1, 0, 0, PoolRounding.Floor));
            float[] result = y.ToArray();
            return [[float.IsNegativeInfinity(result[0]) ? 1 : 0, result[1], float.IsNaN(result[2]) ? 1 : 0], at.ToArray().ToFloat()[1..]];
        }, () => [[1, 1, 1], [2, 3]]);
    }

    /// <summary>The pools of ZF-5.</summary>
    public static IEnumerable<OpCase> Real() => Max(new(4, 110, 110, 96), PoolGeometry.Square(3, 2, 0, PoolRounding.Ceil), ties: false, reference: false);

    private static IEnumerable<OpCase> Max(Map m, PoolGeometry g, bool ties, bool reference)
    {
        long count = (long)m.N * m.H * m.W * m.C;
        float[] x = ties ? TestValues.Whole(count, 41, 3) : TestValues.Uniform(count, 42);
        Shape y = ShapeRules.Pool(new Shape(m.N, m.H, m.W, m.C), g);
        float[] dy = TestValues.Uniform(y.Count, 43);
        string size = $"{m.N}x{m.H}x{m.W}x{m.C} {g.KernelHeight}x{g.KernelWidth}/{g.StrideHeight} pad {g.PadHeight} {g.Rounding}{(ties ? " ties" : "")}";
        yield return new($"MaxPoolForward {size}", 0, t =>
        {
            Tensor result = t.Room(y.ToArray());
            Tensor<int> at = t.IndexRoom(y.ToArray());
            t.Backend.MaxPoolForward(t.Put(x, m.N, m.H, m.W, m.C), result, at, g);
            return [result.ToArray(), at.ToArray().ToFloat()];
        }, !reference ? null : () =>
        {
            var (value, winner) = MaxReference(x.ToDouble(), m, g, y);
            return [value, winner];
        });
        yield return new($"MaxPoolBackward {size}", 2e-6, t =>
        {
            Tensor result = t.Room(y.ToArray()), dx = t.Room(m.N, m.H, m.W, m.C);
            Tensor<int> at = t.IndexRoom(y.ToArray());
            t.Backend.MaxPoolForward(t.Put(x, m.N, m.H, m.W, m.C), result, at, g);
            t.Backend.MaxPoolBackward(t.Put(dy, y.ToArray()), at, dx, g);
            return [dx.ToArray()];
        }, !reference ? null : () => [FiniteDifferences.Gradient(v => MaxReference(v, m, g, y).Value, x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
    }

    private static IEnumerable<OpCase> Average(Map m, PoolGeometry g, AveragePoolDivisor divisor)
    {
        float[] x = TestValues.Uniform(m.N * m.H * m.W * m.C, 44);
        Shape y = ShapeRules.Pool(new Shape(m.N, m.H, m.W, m.C), g);
        float[] dy = TestValues.Uniform(y.Count, 45);
        string size = $"{divisor} {m.N}x{m.H}x{m.W}x{m.C} {g.KernelHeight}x{g.KernelWidth}/{g.StrideHeight} pad {g.PadHeight} {g.Rounding}";
        yield return new($"AveragePoolForward {size}", 2e-6, t =>
        {
            Tensor result = t.Room(y.ToArray());
            t.Backend.AveragePoolForward(t.Put(x, m.N, m.H, m.W, m.C), result, g, divisor);
            return [result.ToArray()];
        }, () => [AverageReference(x.ToDouble(), m, g, y, divisor)]);
        yield return new($"AveragePoolBackward {size}", 2e-6, t =>
        {
            Tensor dx = t.Room(m.N, m.H, m.W, m.C);
            t.Backend.AveragePoolBackward(t.Put(dy, y.ToArray()), dx, g, divisor);
            return [dx.ToArray()];
        }, () => [FiniteDifferences.Gradient(v => AverageReference(v, m, g, y, divisor), x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
    }

    private static (double[] Value, double[] Winner) MaxReference(double[] x, Map m, PoolGeometry g, Shape y)
    {
        var value = new double[y.Count];
        var winner = new double[y.Count];
        Array.Fill(value, double.NegativeInfinity);
        Visit(m, g, y, (to, row, column, from) =>
        {
            if (row < 0 || row >= m.H || column < 0 || column >= m.W || x[from] <= value[to]) return;
            value[to] = x[from];
            winner[to] = row * m.W + column;
        });
        return (value, winner);
    }

    private static double[] AverageReference(double[] x, Map m, PoolGeometry g, Shape y, AveragePoolDivisor divisor)
    {
        var sum = new double[y.Count];
        var count = new double[y.Count];
        Visit(m, g, y, (to, row, column, from) =>
        {
            bool inside = row >= 0 && row < m.H && column >= 0 && column < m.W;
            if (inside) sum[to] += x[from];
            bool counts = divisor == AveragePoolDivisor.Valid ? inside : row < m.H + g.PadBottom && column < m.W + g.PadRight;
            if (counts) count[to]++;
        });
        return [.. sum.Zip(count, (s, c) => s / c)];
    }

    private static void Visit(Map m, PoolGeometry g, Shape y, Action<int, int, int, int> visit)
    {
        int to = 0;
        for (int n = 0; n < m.N; n++)
            for (int r = 0; r < y.Height; r++)
                for (int q = 0; q < y.Width; q++)
                    for (int c = 0; c < m.C; c++, to++)
                        for (int i = 0; i < g.KernelHeight; i++)
                            for (int j = 0; j < g.KernelWidth; j++)
                            {
                                int row = r * g.StrideHeight - g.PadHeight + i, column = q * g.StrideWidth - g.PadWidth + j;
                                visit(to, row, column, ((n * m.H + row) * m.W + column) * m.C + c);
                            }
    }
}
