namespace IlgpuSpp.Ops;

internal static class LossCases
{
    private const double Tolerance = 4e-6;

    public static IEnumerable<OpCase> All()
    {
        foreach (var (n, c) in ((int, int)[])[(1, 1), (4, 7), (3, 45)])
        {
            int[] labels = [.. Enumerable.Range(0, n).Select(i => i == 2 ? -1 : (5 * i + 1) % c)];
            foreach (OpCase x in CrossEntropy(n, c, labels)) yield return x;
            foreach (OpCase x in SmoothL1(n, c)) yield return x;
            foreach (OpCase x in Focal(n, c)) yield return x;
        }
        // A label outside the classes, other than −1, marks its own row and no other.
        float[] scores = [1, 2, 3, 4, 5, 6, 7, 8];
        int[] outside = [1, 2, -2, -1];
        double high = 1 / (1 + Math.Exp(-1)), low = 1 - high;
        yield return new("CrossEntropyForward of labels outside the classes", Tolerance, t =>
        {
            Tensor p = t.Room(4, 2), losses = t.Room(4);
            t.Backend.CrossEntropyForward(t.Put(scores, 4, 2), t.Put(outside, 4), p, losses, 0);
            return [p.ToArray(), losses.ToArray()];
        }, () => [[low, high, low, high, low, high, low, high], [-Math.Log(high), double.NaN, double.NaN, 0]]);
        yield return new("CrossEntropyBackward of labels outside the classes", Tolerance, t =>
        {
            Tensor dx = t.Room(4, 2);
            t.Backend.CrossEntropyBackward(t.Put([(float)low, (float)high, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f], 4, 2), t.Put(outside, 4), dx, 0, 1);
            return [dx.ToArray()];
        }, () => [[low, high - 1, double.NaN, double.NaN, double.NaN, double.NaN, 0, 0]]);
        yield return new("LabelRanks of labels outside the classes", 0, t =>
        {
            Tensor<int> ranks = t.IndexRoom(4);
            t.Backend.LabelRanks(t.Put(scores, 4, 2), t.Put(outside, 4), ranks);
            return [ranks.ToArray().ToFloat()];
        }, () => [[0, 2, 2, -1]]);
        yield return new("CrossEntropyForward of logits far apart", Tolerance, t =>
        {
            Tensor p = t.Room(1, 3), loss = t.Room(1);
            t.Backend.CrossEntropyForward(t.Put([200f, -200, 100], 1, 3), t.Put([1], 1), p, loss, 0);
            return [p.ToArray(), loss.ToArray()];
        }, () => [[1, 0, 0], [400]]);
    }

    private static IEnumerable<OpCase> CrossEntropy(int n, int c, int[] labels)
    {
        float[] x = TestValues.Uniform(n * c, 71, -4, 4);
        yield return new($"Softmax {n}x{c}", Tolerance, t => { var y = t.Put(x, n, c); t.Backend.Softmax(y, y); return [y.ToArray()]; },
            () => [SoftmaxReference(x.ToDouble(), n, c)]);
        foreach (float smoothing in (float[])[0, 0.1f])
        {
            yield return new($"CrossEntropyForward {n}x{c} smoothing {smoothing}", Tolerance, t =>
            {
                Tensor p = t.Room(n, c), losses = t.Room(n);
                t.Backend.CrossEntropyForward(t.Put(x, n, c), t.Put(labels, n), p, losses, smoothing);
                return [p.ToArray(), losses.ToArray()];
            }, () => [SoftmaxReference(x.ToDouble(), n, c), CrossEntropyReference(x.ToDouble(), labels, n, c, smoothing)]);
            yield return new($"CrossEntropyBackward {n}x{c} smoothing {smoothing}", Tolerance, t =>
            {
                Tensor p = t.Room(n, c), losses = t.Room(n);
                t.Backend.CrossEntropyForward(t.Put(x, n, c), t.Put(labels, n), p, losses, smoothing);
                t.Backend.CrossEntropyBackward(p, t.Put(labels, n), p, smoothing, 0.25f);
                return [p.ToArray()];
            }, () => [FiniteDifferences.Gradient(v => CrossEntropyReference(v, labels, n, c, smoothing), x.ToDouble(), [.. labels.Select(_ => 0.25)], step: 1e-6)]);
        }
    }

    private static IEnumerable<OpCase> Focal(int n, int c)
    {
        float[] x = TestValues.Uniform(n * c, 76, -4, 4), target = TestValues.Uniform(n * c, 77, 0, 1);
        if (n > 2) target.AsSpan(2 * c, c).Clear();
        foreach (float focus in (float[])[0, 0.5f, 2])
        {
            double[] Reference(double[] v)
            {
                double[] p = SoftmaxReference(v, n, c);
                return [.. Enumerable.Range(0, n).Select(r => -Enumerable.Range(r * c, c).Sum(i => target[i] * (focus == 0 ? 1 : Math.Pow(1 - p[i], focus)) * Math.Log(p[i])))];
            }
            yield return new($"FocalForward {n}x{c} focus {focus}", Tolerance, t =>
            {
                Tensor p = t.Room(n, c), losses = t.Room(n);
                t.Backend.FocalForward(t.Put(x, n, c), t.Put(target, n, c), p, losses, focus);
                return [p.ToArray(), losses.ToArray()];
            }, () => [SoftmaxReference(x.ToDouble(), n, c), Reference(x.ToDouble())]);
            yield return new($"FocalBackward {n}x{c} focus {focus}", Tolerance, t =>
            {
                Tensor p = t.Room(n, c), losses = t.Room(n), dx = t.Room(n, c), targets = t.Put(target, n, c);
                t.Backend.FocalForward(t.Put(x, n, c), targets, p, losses, focus);
                t.Backend.FocalBackward(p, targets, dx, focus, 0.25f);
                return [dx.ToArray()];
            }, () => [FiniteDifferences.Gradient(Reference, x.ToDouble(), [.. Enumerable.Repeat(0.25, n)], step: 1e-6)]);
        }
    }

    private static IEnumerable<OpCase> SmoothL1(int n, int c)
    {
        const float beta = 0.4f;
        float[] x = TestValues.Uniform(n * c, 73), target = TestValues.Uniform(n * c, 74), weight = TestValues.Uniform(n * c, 75, 0, 2);
        double[] Reference(double[] v) => [.. Enumerable.Range(0, n).Select(r => Enumerable.Range(r * c, c).Sum(i =>
        {
            double d = Math.Abs(v[i] - target[i]);
            return weight[i] * (d < beta ? 0.5 * d * d / beta : d - 0.5 * beta);
        }))];
        yield return new($"SmoothL1Forward {n}x{c}", Tolerance, t =>
        {
            Tensor losses = t.Room(n);
            t.Backend.SmoothL1Forward(t.Put(x, n, c), t.Put(target, n, c), t.Put(weight, n, c), losses, beta);
            return [losses.ToArray()];
        }, () => [Reference(x.ToDouble())]);
        yield return new($"SmoothL1Backward {n}x{c}", Tolerance, t =>
        {
            Tensor dx = t.Room(n, c);
            t.Backend.SmoothL1Backward(t.Put(x, n, c), t.Put(target, n, c), t.Put(weight, n, c), dx, beta, 0.5f);
            return [dx.ToArray()];
        }, () => [FiniteDifferences.Gradient(Reference, x.ToDouble(), [.. Enumerable.Repeat(0.5, n)], step: 1e-6)]);
    }

    private static double[] SoftmaxReference(double[] x, int n, int c)
    {
        var y = new double[x.Length];
        for (int r = 0; r < n; r++)
        {
            double max = x[(r * c)..(r * c + c)].Max(), sum = x[(r * c)..(r * c + c)].Sum(v => Math.Exp(v - max));
            for (int k = 0; k < c; k++) y[r * c + k] = Math.Exp(x[r * c + k] - max) / sum;
        }
        return y;
    }

    private static double[] CrossEntropyReference(double[] x, int[] labels, int n, int c, double smoothing)
    {
        double[] p = SoftmaxReference(x, n, c);
        return [.. Enumerable.Range(0, n).Select(r => labels[r] < 0 ? 0 : -Enumerable.Range(0, c).Sum(k => (smoothing / c + (k == labels[r] ? 1 - smoothing : 0)) * Math.Log(p[r * c + k])))];
    }
}
