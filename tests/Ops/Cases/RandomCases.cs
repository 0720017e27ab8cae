namespace IlgpuSpp.Ops;

internal static class RandomCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in (int[])[1, 4, 63, 130])
        {
            var key = new RandomKey(0x1234_5678_9ABC_DEF0, 17, (uint)n);
            double[] uniform = [.. Enumerable.Range(0, n + 1).Select(i => (double)Philox.ToUniform(Philox.Word(key, i)))];
            yield return new($"FillUniform {n}", 2e-7, t => { var y = t.Room(n); t.Backend.FillUniform(y, -2, 3, key); return [y.ToArray()]; },
                () => [[.. uniform.Take(n).Select(u => -2 + 5 * u)]]);
            yield return new($"FillNormal {n}", 2e-6, t => { var y = t.Room(n); t.Backend.FillNormal(y, 0.5f, 2, key); return [y.ToArray()]; },
                () => [[.. Enumerable.Range(0, n).Select(i =>
                {
                    double radius = Math.Sqrt(-2 * Math.Log(1 - uniform[i & ~1])), angle = 2 * Math.PI * uniform[i | 1];
                    return 0.5 + 2 * radius * ((i & 1) == 0 ? Math.Cos(angle) : Math.Sin(angle));
                })]]);
            float[] x = TestValues.Uniform(n, 91, 0.5f, 1.5f);
            yield return new($"Dropout {n}", 2e-7, t =>
            {
                Tensor y = t.Room(n), dx = t.Put(x, n);
                t.Backend.DropoutForward(t.Put(x, n), y, 0.4f, key);
                t.Backend.DropoutBackward(dx, dx, 0.4f, key);
                return [y.ToArray(), dx.ToArray()];
            }, () =>
            {
                double[] kept = [.. x.Select((v, i) => uniform[i] >= 0.4f ? v / (1 - (double)0.4f) : 0)];
                return [kept, kept];
            });
        }
    }
}
