namespace IlgpuSpp.Ops;

internal static class OptimiserCases
{
    // More parameters than one launch takes; one longer than a group's run.
    private static readonly int[] s_sizes = [1, 7, 2500, .. Enumerable.Range(3, 16)];

    public static IEnumerable<OpCase> All()
    {
        foreach (bool nesterov in (bool[])[false, true])
        {
            var step = new SgdStep(0.1f, 0.9f, 0.01f, nesterov, GradientScale: 0.5f, ClearGradient: nesterov);
            yield return new($"SgdUpdate {(nesterov ? "Nesterov" : "plain")}", 1e-6, t => Run(t, states: 1, slots => t.Backend.SgdUpdate(slots, step)), () => Expect(states: 1, (p, lr, decay) =>
            {
                double g = 0.5 * p[1] + (double)0.01f * decay * p[0], before = p[2];
                p[2] = (double)0.9f * before + (double)0.1f * lr * g;
                p[0] -= nesterov ? (1 + (double)0.9f) * p[2] - (double)0.9f * before : p[2];
                if (nesterov) p[1] = 0;
            }));
        }
        var adam = new AdamWStep(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, Step: 3, GradientScale: 2, ClearGradient: true);
        yield return new("AdamWUpdate", 2e-6, t => Run(t, states: 2, slots => t.Backend.AdamWUpdate(slots, adam)), () => Expect(states: 2, (p, lr, decay) =>
        {
            double g = 2 * p[1];
            p[2] = (double)0.9f * p[2] + (1 - (double)0.9f) * g;
            p[3] = (double)0.999f * p[3] + (1 - (double)0.999f) * g * g;
            double m = p[2] / (1 - Math.Pow(0.9f, 3)), v = p[3] / (1 - Math.Pow(0.999f, 3));
            p[0] -= (double)0.01f * lr * (m / (Math.Sqrt(v) + 1e-8) + (double)0.1f * decay * p[0]);
            p[1] = 0;
        }));
        float[] average = TestValues.Uniform(9, 101), value = TestValues.Uniform(9, 102);
        yield return new("ExponentialAverage", 1e-6, t =>
        {
            Tensor a = t.Put(average, 9), b = t.Put(value, 9);
            t.Backend.ExponentialAverage([a, b], [t.Put(value, 9), t.Put(average, 9)], 0.75f);
            return [a.ToArray(), b.ToArray()];
        }, () => [[.. average.Zip(value, (a, v) => 0.75 * a + 0.25 * v)], [.. value.Zip(average, (a, v) => 0.75 * a + 0.25 * v)]]);
    }

    private delegate void Update(double[] parameter, double learningRate, double decay);

    private static float[] Initial(int slot, int field) => TestValues.Uniform(s_sizes[slot], (uint)(200 + 10 * slot + field), field == 3 ? 0.1f : -1, 1);

    private static float[][] Run(Bench t, int states, Action<OptimiserSlot[]> update)
    {
        var slots = new OptimiserSlot[s_sizes.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            Tensor Put(int field) => t.Put(Initial(i, field), s_sizes[i]);
            slots[i] = new OptimiserSlot(Put(0), Put(1), Put(2), states > 1 ? Put(3) : null, 1 + i % 2, i % 3);
        }
        update(slots);
        return [.. slots.SelectMany(s => states > 1 ? new[] { s.Value, s.Gradient, s.FirstState!, s.SecondState! } : [s.Value, s.Gradient, s.FirstState!]).Select(x => x.ToArray())];
    }

    private static double[][] Expect(int states, Update update)
    {
        var outputs = new List<double[]>();
        for (int i = 0; i < s_sizes.Length; i++)
        {
            double[][] fields = [.. Enumerable.Range(0, states + 2).Select(f => Initial(i, f).ToDouble())];
            for (int e = 0; e < s_sizes[i]; e++)
            {
                double[] parameter = [.. fields.Select(f => f[e])];
                update(parameter, 1 + i % 2, i % 3);
                for (int f = 0; f < fields.Length; f++) fields[f][e] = parameter[f];
            }
            outputs.AddRange(fields);
        }
        return [.. outputs];
    }
}
