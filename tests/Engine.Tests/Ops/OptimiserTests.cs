namespace IlgpuSpp.Engine.Tests;

public sealed class OptimiserTests
{
    private static readonly int[] Lengths = [1, 37, 0, 70_001, 512];

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Sgd_matches_the_reference_over_several_steps(string device)
    {
        foreach (bool nesterov in new[] { false, true })
        {
            var step = new SgdStep(0.1f, 0.9f, 5e-4f, nesterov, 0.5f, ClearGradient: true);
            Follow(device, 1, (backend, slots, _) => backend.SgdUpdate(slots, step), (state, g, rate, decay, _) =>
            {
                (state[0], state[1]) = ReferenceOptimiser.Sgd(state[0], g, state[1], step, rate, decay);
            });
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void AdamW_matches_the_reference_over_several_steps(string device)
    {
        var step = new AdamWStep(1e-2f, 0.9f, 0.999f, 1e-8f, 0.01f, 1, 0.5f, ClearGradient: true);
        Follow(device, 2, (backend, slots, t) => backend.AdamWUpdate(slots, step with { Step = t }), (state, g, rate, decay, t) =>
        {
            (state[0], state[1], state[2]) = ReferenceOptimiser.AdamW(state[0], g, state[1], state[2], step with { Step = t }, rate, decay);
        });
    }

    private static void Follow(string device, int states, Action<CpuBackend, OptimiserSlot[], int> update, Action<double[], double, double, double, int> reference)
    {
        using CpuBackend backend = TestDevices.Open(device);
        var slots = new OptimiserSlot[Lengths.Length];
        var expected = new double[Lengths.Length][][];
        for (int s = 0; s < slots.Length; s++)
        {
            var shape = new Shape(Lengths[s]);
            float[] w = TestValues.Uniform(Lengths[s], (uint)(80 + s));
            slots[s] = new OptimiserSlot(backend.Tensor(shape, w), backend.Allocate(shape),
                backend.Tensor(shape, new float[Lengths[s]]), states > 1 ? backend.Tensor(shape, new float[Lengths[s]]) : null, 1 + s, s % 2);
            expected[s] = [.. w.Select(v => new[] { v, 0.0, 0 })];
        }
        for (int t = 1; t <= 3; t++)
        {
            for (int s = 0; s < slots.Length; s++)
            {
                float[] g = TestValues.Uniform(Lengths[s], (uint)(100 * t + s));
                slots[s].Gradient.Upload(g);
                for (int i = 0; i < g.Length; i++) reference(expected[s][i], g[i], 1 + s, s % 2, t);
            }
            update(backend, slots, t);
        }
        for (int s = 0; s < slots.Length; s++)
        {
            Expect.Close([.. expected[s].Select(e => e[0])], slots[s].Value.ToArray(), 1e-6);
            Expect.Close([.. expected[s].Select(e => e[1])], slots[s].FirstState!.ToArray(), 1e-6);
            if (states > 1) Expect.Close([.. expected[s].Select(e => e[2])], slots[s].SecondState!.ToArray(), 1e-6, 1e-3);
            Assert.All(slots[s].Gradient.ToArray(), value => Assert.Equal(0, value));
        }
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Gradients_stay_where_they_are_not_to_be_cleared(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        float[] g = TestValues.Uniform(100, 90);
        using Tensor w = backend.Tensor(new Shape(100), g), gradient = backend.Tensor(new Shape(100), g), v = backend.Tensor(new Shape(100), new float[100]);
        backend.SgdUpdate([new OptimiserSlot(w, gradient, v, null, 1, 1)], new SgdStep(0.1f, 0, 0));
        Assert.Equal(g, gradient.ToArray());
        Assert.Equal(g.Select(x => 0.1f * x), v.ToArray());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Exponential_averages_follow_their_values(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        float[] a = TestValues.Uniform(40_000, 91), b = TestValues.Uniform(40_000, 92), c = TestValues.Uniform(3, 93), d = TestValues.Uniform(3, 94);
        using Tensor ta = backend.Tensor(new Shape(40_000), a), tb = backend.Tensor(new Shape(40_000), b), tc = backend.Tensor(new Shape(3), c), td = backend.Tensor(new Shape(3), d);
        backend.ExponentialAverage([ta, tc], [tb, td], 0.99f);
        Expect.Close([.. a.Zip(b, (p, q) => 0.99 * p + 0.01 * q)], ta.ToArray(), 1e-6);
        Expect.Close([.. c.Zip(d, (p, q) => 0.99 * p + 0.01 * q)], tc.ToArray(), 1e-6);
    }
}
