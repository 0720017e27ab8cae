namespace IlgpuSpp.Ops;

internal static class ElementwiseCases
{
    private const double Tolerance = 2e-6;

    public static IEnumerable<OpCase> All()
    {
        foreach (int n in (int[])[1, 5, 67])
        {
            float[] a = TestValues.Uniform(n, 1), b = TestValues.Uniform(n, 2), c = TestValues.Uniform(n, 3);
            yield return new($"Fill {n}", 0, t => { var y = t.Room(n); t.Backend.Fill(y, 0.25f); return [y.ToArray()]; }, () => [[.. a.Select(_ => 0.25)]]);
            yield return new($"Copy {n}", 0, t => { var y = t.Room(n); t.Backend.Copy(t.Put(a, n), y); return [y.ToArray()]; }, () => [a.ToDouble()]);
            yield return new($"Add {n}", Tolerance, t => { var y = t.Room(n); t.Backend.Add(t.Put(a, n), t.Put(b, n), y); return [y.ToArray()]; },
                () => [[.. a.Zip(b, (p, q) => (double)p + q)]]);
            yield return new($"Multiply {n}", Tolerance, t => { var y = t.Room(n); t.Backend.Multiply(t.Put(a, n), t.Put(b, n), y); return [y.ToArray()]; },
                () => [[.. a.Zip(b, (p, q) => (double)p * q)]]);
            yield return new($"Scale in place {n}", Tolerance, t => { var y = t.Put(a, n); t.Backend.Scale(y, -1.5f, y); return [y.ToArray()]; },
                () => [[.. a.Select(v => -1.5 * v)]]);
            yield return new($"Accumulate {n}", Tolerance, t => { var y = t.Put(c, n); t.Backend.Accumulate(t.Put(a, n), 0.75f, y); return [y.ToArray()]; },
                () => [[.. c.Zip(a, (p, q) => p + 0.75 * q)]]);
        }
        foreach (Activation f in (Activation[])[Activation.None, Activation.Relu, new(ActivationKind.LeakyRelu, 0.1f), new(ActivationKind.Sigmoid), new(ActivationKind.Relu6), new(ActivationKind.HardSigmoid, 0.3f)])
        {
            float[] x = TestValues.Uniform(67, 4, f.Kind == ActivationKind.Relu6 ? -5 : -3, f.Kind == ActivationKind.Relu6 ? 9 : 3), dy = TestValues.Uniform(67, 5);
            yield return new($"ActivationForward {f.Kind}", Tolerance, t => { var y = t.Room(67); t.Backend.ActivationForward(f, t.Put(x, 67), y); return [y.ToArray()]; },
                () => [ReferenceActivation.Apply(f, x.ToDouble())]);
            yield return new($"ActivationBackward {f.Kind}", 4e-6, t =>
            {
                var y = t.Put([.. ReferenceActivation.Apply(f, x.ToDouble()).Select(v => (float)v)], 67);
                var dx = t.Put(dy, 67);
                t.Backend.ActivationBackward(f, y, dx, dx);
                return [dx.ToArray()];
            }, () => [FiniteDifferences.Gradient(v => ReferenceActivation.Apply(f, v), x.ToDouble(), dy.ToDouble(), step: 1e-6)]);
        }
        yield return new("ActivationForward Sigmoid far out", Tolerance, t => { var y = t.Room(4); t.Backend.ActivationForward(new(ActivationKind.Sigmoid), t.Put([-100f, -30, 30, 100], 4), y); return [y.ToArray()]; },
            () => [ReferenceActivation.Apply(new(ActivationKind.Sigmoid), [-100, -30, 30, 100])]);
        foreach (var (rows, channels) in ((int, int)[])[(1, 1), (6, 5), (9, 8), (70, 37)])
        {
            int n = rows * channels;
            float[] x = TestValues.Uniform(n, 8), slope = TestValues.Uniform(channels, 9), dy = TestValues.Uniform(n, 10), before = TestValues.Uniform(channels, 11);
            double[] Reference(double[] v, double[] s) => [.. v.Select((value, i) => value > 0 ? value : s[i % channels] * value)];
            yield return new($"PReluForward {rows}x{channels}", Tolerance, t => { var y = t.Room(rows, channels); t.Backend.PReluForward(t.Put(x, rows, channels), t.Put(slope, channels), y); return [y.ToArray()]; },
                () => [Reference(x.ToDouble(), slope.ToDouble())]);
            yield return new($"PReluBackward {rows}x{channels}", 4e-6, t =>
            {
                Tensor dx = t.Room(rows, channels), dSlope = t.Put(before, channels);
                t.Backend.PReluBackward(t.Put(x, rows, channels), t.Put(slope, channels), t.Put(dy, rows, channels), dx, dSlope);
                return [dx.ToArray(), dSlope.ToArray()];
            }, () =>
            [
                FiniteDifferences.Gradient(v => Reference(v, slope.ToDouble()), x.ToDouble(), dy.ToDouble(), step: 1e-6),
                FiniteDifferences.Gradient(s => Reference(x.ToDouble(), s), slope.ToDouble(), dy.ToDouble(), step: 1e-6).Plus(before.ToDouble()),
            ]);
            yield return new($"PReluBackward in place {rows}x{channels}", 4e-6, t =>
            {
                Tensor dx = t.Put(dy, rows, channels), dSlope = t.Put(before, channels);
                t.Backend.PReluBackward(t.Put(x, rows, channels), t.Put(slope, channels), dx, dx, dSlope);
                return [dx.ToArray(), dSlope.ToArray()];
            }, () =>
            [
                FiniteDifferences.Gradient(v => Reference(v, slope.ToDouble()), x.ToDouble(), dy.ToDouble(), step: 1e-6),
                FiniteDifferences.Gradient(s => Reference(x.ToDouble(), s), slope.ToDouble(), dy.ToDouble(), step: 1e-6).Plus(before.ToDouble()),
            ]);
        }
        float[] left = TestValues.Uniform(2 * 3 * 5, 6), right = TestValues.Uniform(2 * 3 * 4, 7), whole = [.. Join(left, right)];
        yield return new("ConcatForward", 0, t =>
        {
            var y = t.Room(2, 3, 1, 9);
            t.Backend.ConcatForward([t.Put(left, 2, 3, 1, 5), t.Put(right, 2, 3, 1, 4)], y);
            return [y.ToArray()];
        }, () => [whole.ToDouble()]);
        yield return new("ConcatBackward", 0, t =>
        {
            Tensor a = t.Room(2, 3, 1, 5), b = t.Room(2, 3, 1, 4);
            t.Backend.ConcatBackward(t.Put(whole, 2, 3, 1, 9), [a, b]);
            return [a.ToArray(), b.ToArray()];
        }, () => [left.ToDouble(), right.ToDouble()]);
    }

    private static IEnumerable<float> Join(float[] left, float[] right)
    {
        for (int row = 0; row < 6; row++)
        {
            for (int i = 0; i < 5; i++) yield return left[row * 5 + i];
            for (int i = 0; i < 4; i++) yield return right[row * 4 + i];
        }
    }
}
