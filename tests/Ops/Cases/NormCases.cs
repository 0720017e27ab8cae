namespace IlgpuSpp.Ops;

internal static class NormCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (LrnGeometry g in (LrnGeometry[])
        [
            new(LrnRegion.WithinChannel, 3, 0.5f, 0.75f),
            new(LrnRegion.AcrossChannels, 5, 0.8f, 0.75f, 2),
            new(LrnRegion.AcrossChannels, 1, 0.3f, 0.5f),
        ])
            foreach (var (n, h, w, c) in ((int, int, int, int)[])[(1, 1, 1, 1), (2, 4, 3, 7)])
                foreach (OpCase x in Lrn(g, n, h, w, c))
                    yield return x;
        foreach (var (rows, c) in ((int, int)[])[(1, 3), (6, 5), (150, 33)])
            foreach (OpCase x in BatchNorm(rows, c))
                yield return x;
    }

    /// <summary>The normalisations of ZF-5's first maps.</summary>
    public static IEnumerable<OpCase> Real()
    {
        var geometry = new LrnGeometry(LrnRegion.WithinChannel, 3, 0.00005f, 0.75f);
        float[] x = TestValues.Uniform(4 * 55 * 55 * 96, 60, 0, 20);
        yield return new("LrnForward 4x55x55x96", 1e-5, t =>
        {
            Tensor y = t.Room(4, 55, 55, 96);
            t.Backend.LrnForward(t.Put(x, 4, 55, 55, 96), y, null, geometry);
            return [y.ToArray()];
        }, null);
        yield return new("ColumnSums 12100x96", 1e-5, t =>
        {
            Tensor sums = t.Room(96);
            t.Backend.ColumnSums(t.Put(x, 12100, 96), sums, false);
            return [sums.ToArray()];
        }, null);
    }

    private static IEnumerable<OpCase> Lrn(LrnGeometry g, int n, int h, int w, int c)
    {
        float[] x = TestValues.Uniform(n * h * w * c, 61), dy = TestValues.Uniform(n * h * w * c, 62);
        int[] map = [n, h, w, c];
        string size = $"{g.Region} {g.Size} {n}x{h}x{w}x{c}";
        yield return new($"LrnForward {size}", 4e-6, t =>
        {
            Tensor y = t.Room(map), scale = t.Room(map), again = t.Room(map);
            t.Backend.LrnForward(t.Put(x, map), y, scale, g);
            t.Backend.LrnForward(t.Put(x, map), again, null, g);
            return [y.ToArray(), scale.ToArray(), again.ToArray()];
        }, () =>
        {
            double[] y = LrnReference(x.ToDouble(), g, n, h, w, c, out double[] scale);
            return [y, scale, y];
        });
        yield return new($"LrnBackward {size}", 8e-6, t =>
        {
            Tensor y = t.Room(map), scale = t.Room(map), dx = t.Room(map), input = t.Put(x, map);
            t.Backend.LrnForward(input, y, scale, g);
            t.Backend.LrnBackward(input, y, scale, t.Put(dy, map), dx, g);
            return [dx.ToArray()];
        }, () => [FiniteDifferences.Gradient(v => LrnReference(v, g, n, h, w, c, out _), x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
    }

    private static double[] LrnReference(double[] x, LrnGeometry g, int n, int h, int w, int c, out double[] scale)
    {
        scale = new double[x.Length];
        var y = new double[x.Length];
        int radius = g.Size / 2;
        double window = g.Region == LrnRegion.AcrossChannels ? g.Size : g.Size * g.Size;
        for (int i = 0; i < x.Length; i++)
        {
            int channel = i % c, column = i / c % w, row = i / c / w % h, image = i / c / w / h;
            double sum = 0;
            for (int a = -radius; a <= radius; a++)
                for (int b = -radius; b <= radius; b++)
                {
                    bool across = g.Region == LrnRegion.AcrossChannels;
                    if (across && a != 0) continue;
                    int r = row + a, q = across ? column : column + b, k = across ? channel + b : channel;
                    if (r < 0 || r >= h || q < 0 || q >= w || k < 0 || k >= c) continue;
                    double v = x[((image * h + r) * w + q) * c + k];
                    sum += v * v;
                }
            scale[i] = g.K + g.Alpha / window * sum;
            y[i] = x[i] * Math.Pow(scale[i], -g.Beta);
        }
        return y;
    }

    private static IEnumerable<OpCase> BatchNorm(int rows, int c)
    {
        const float epsilon = 1e-3f;
        float[] x = TestValues.Uniform(rows * c, 63, 1, 3), gamma = TestValues.Uniform(c, 64), beta = TestValues.Uniform(c, 65), dy = TestValues.Uniform(rows * c, 66);
        float[] runningMean = TestValues.Uniform(c, 67), runningVariance = TestValues.Uniform(c, 68, 0.5f, 2);
        string size = $"{rows}x{c}";
        yield return new($"BatchNormForwardTraining {size}", 2e-5, t =>
        {
            Tensor y = t.Room(rows, c), mean = t.Room(c), invStd = t.Room(c), rm = t.Put(runningMean, c), rv = t.Put(runningVariance, c);
            t.Backend.BatchNormForwardTraining(t.Put(x, rows, c), t.Put(gamma, c), t.Put(beta, c), y, mean, invStd, rm, rv, 0.1f, epsilon);
            return [y.ToArray(), mean.ToArray(), invStd.ToArray(), rm.ToArray(), rv.ToArray()];
        }, () =>
        {
            var (y, mean, variance) = BatchReference(x.ToDouble(), gamma.ToDouble(), beta.ToDouble(), rows, c, epsilon);
            double unbias = rows > 1 ? rows / (rows - 1.0) : 1;
            return
            [
                y, mean, [.. variance.Select(v => 1 / Math.Sqrt(v + epsilon))],
                [.. runningMean.Zip(mean, (r, v) => 0.9 * r + 0.1 * v)],
                [.. runningVariance.Zip(variance, (r, v) => 0.9 * r + 0.1 * v * unbias)],
            ];
        });
        yield return new($"BatchNormForwardInference {size}", 4e-6, t =>
        {
            Tensor y = t.Room(rows, c);
            t.Backend.BatchNormForwardInference(t.Put(x, rows, c), t.Put(gamma, c), t.Put(beta, c), y, t.Put(runningMean, c), t.Put(runningVariance, c), epsilon);
            return [y.ToArray()];
        }, () => [[.. x.Select((v, i) => gamma[i % c] * ((double)v - runningMean[i % c]) / Math.Sqrt(runningVariance[i % c] + epsilon) + beta[i % c])]]);
        // The gradient of one row is exactly 0 and of tiny variances ill-conditioned: more rows only.
        if (rows == 1) yield break;
        yield return new($"BatchNormBackward {size}", 1e-4, t =>
        {
            Tensor input = t.Put(x, rows, c), scale = t.Put(gamma, c), y = t.Room(rows, c), mean = t.Room(c), invStd = t.Room(c), dx = t.Room(rows, c);
            Tensor dGamma = t.Put(beta, c), dBeta = t.Put(gamma, c);
            t.Backend.BatchNormForwardTraining(input, scale, t.Put(beta, c), y, mean, invStd, t.Put(runningMean, c), t.Put(runningVariance, c), 0.1f, epsilon);
            t.Backend.BatchNormBackward(input, scale, mean, invStd, t.Put(dy, rows, c), dx, dGamma, dBeta);
            return [dx.ToArray(), dGamma.ToArray(), dBeta.ToArray()];
        }, () =>
        [
            FiniteDifferences.Gradient(v => BatchReference(v, gamma.ToDouble(), beta.ToDouble(), rows, c, epsilon).Y, x.ToDouble(), dy.ToDouble(), step: 1e-6),
            FiniteDifferences.Gradient(v => BatchReference(x.ToDouble(), v, beta.ToDouble(), rows, c, epsilon).Y, gamma.ToDouble(), dy.ToDouble(), step: 1e-6).Plus(beta.ToDouble()),
            FiniteDifferences.Gradient(v => BatchReference(x.ToDouble(), gamma.ToDouble(), v, rows, c, epsilon).Y, beta.ToDouble(), dy.ToDouble(), step: 1e-6).Plus(gamma.ToDouble()),
        ]);
    }

    private static (double[] Y, double[] Mean, double[] Variance) BatchReference(double[] x, double[] gamma, double[] beta, int rows, int c, double epsilon)
    {
        var y = new double[x.Length];
        var mean = new double[c];
        var variance = new double[c];
        for (int k = 0; k < c; k++)
        {
            for (int r = 0; r < rows; r++) mean[k] += x[r * c + k] / rows;
            for (int r = 0; r < rows; r++) variance[k] += Math.Pow(x[r * c + k] - mean[k], 2) / rows;
            for (int r = 0; r < rows; r++) y[r * c + k] = gamma[k] * (x[r * c + k] - mean[k]) / Math.Sqrt(variance[k] + epsilon) + beta[k];
        }
        return (y, mean, variance);
    }
}
