using System.Diagnostics;
using System.Globalization;

namespace IlgpuSpp.Cli.Bench;

/// <summary>
/// Where the time of a training step goes: every layer's forward and backward pass timed alone, with its
/// multiply-adds a second (counted as a plain convolution needs them), their share of the device's own best matrix product,
/// and the bytes that have to move at least (input, output, parameters, and as many again for gradients).
/// </summary>
internal sealed class LayerProfile : IDisposable
{
    private static readonly int[] PeakSizes = [256, 512, 1024];

    private readonly Backend _backend;
    private readonly Network _network;
    private readonly PassPlan _plan;
    private readonly Tensor _input;
    private readonly LayerContext _context;

    public LayerProfile(BenchSetup setup)
    {
        Backend backend = _backend = setup.Backend;
        (_network, int side) = BenchNetworks.Of(setup);
        (int width, int height) = setup.Size ?? (side, side);
        _network.PrepareTraining();
        _plan = new PassPlan(backend, PassMode.Training);
        _input = backend.Allocate(new Shape(setup.Batch, height, width, 3));
        backend.FillNormal(_input, 0, 1, new RandomKey(1, 1, 0));
        _context = _network.Root.Plan(_input, _plan);
        Tensor gradient = _plan.Allocate(_context.Output.Shape);
        _network.Root.PlanBackward(_context, gradient, _plan, needInputGradient: false);
        backend.FillNormal(gradient, 0, 1e-3f, new RandomKey(1, 2, 0));
    }

    public void Print(int reps)
    {
        double peak = PeakSizes.Max(MatrixRate);
        IReadOnlyList<Layer> layers = _network.Root.Children;
        double[] forward = new double[layers.Count], backward = new double[layers.Count];
        Array.Fill(forward, double.MaxValue);
        Array.Fill(backward, double.MaxValue);
        for (int rep = 0; rep <= reps; rep++)
        {
            for (int i = 0; i < layers.Count; i++) Least(ref forward[i], rep, () => layers[i].Forward(Child(i), _plan, new PassState(1, (uint)rep)));
            for (int i = layers.Count - 1; i >= 0; i--)
                if (i > 0 || Child(i).OutputGradient is not null)
                    Least(ref backward[i], rep, () => layers[i].Backward(Child(i), _plan, new PassState(1, (uint)rep)));
        }

        double update = MeasureUpdate(reps);
        double total = forward.Sum() + backward.Sum() + update;
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"best matrix product {peak:F0} GFLOP/s; step {total:F1} ms (least time of {reps}, layer by layer)"));
        Say.Line("| layer | forward ms | GFLOP/s | of peak | backward ms | GFLOP/s | of peak | MB moved at least | of the step |");
        Say.Line("|---|---|---|---|---|---|---|---|---|");
        for (int i = 0; i < layers.Count; i++)
        {
            double work = 2e-9 * layers[i].MultiplyAdds(Child(i).Input.Shape);
            // The first layer needs no input gradient: one product instead of two.
            double backwardWork = i == 0 ? work : 2 * work;
            long parameters = layers[i].Parameters.Sum(parameter => parameter.Shape.Count);
            double bytes = 8e-6 * (Child(i).Input.Count + Child(i).Output.Count + parameters);
            Say.Line(string.Create(CultureInfo.InvariantCulture,
                $"| {layers[i].Name} | {forward[i]:F2} | {Rate(work, forward[i], peak)} | {backward[i]:F2} | {Rate(backwardWork, backward[i], peak)} | {bytes:F1} | {100 * (forward[i] + backward[i]) / total:F1} % |"));
        }
        double updateBytes = 20e-6 * _network.ParameterCount;
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"| SGD | - | - | - | {update:F2} | - | - | {updateBytes:F1} | {100 * update / total:F1} % |"));
    }

    public void Dispose()
    {
        _plan.Dispose();
        _input.Dispose();
        _network.Dispose();
    }

    private static string Rate(double gigaflop, double milliseconds, double peak) => gigaflop == 0
        ? "- | -"
        : string.Create(CultureInfo.InvariantCulture, $"{gigaflop / milliseconds * 1e3:F0} | {100 * gigaflop / milliseconds * 1e3 / peak:F0} %");

    private LayerContext Child(int index) => Sequential.ChildContext(_context, index);

    private void Least(ref double least, int rep, Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        _backend.Synchronize();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        // The first repetition warms up.
        if (rep > 0) least = Math.Min(least, time);
    }

    private double MeasureUpdate(int reps)
    {
        Parameter[] trained = [.. _network.Parameters.Where(parameter => parameter.Trainable)];
        Tensor[] velocities = [.. trained.Select(parameter => _backend.Allocate(parameter.Shape))];
        foreach (Tensor velocity in velocities) _backend.Fill(velocity, 0);
        OptimiserSlot[] slots = [.. trained.Select((parameter, i) => new OptimiserSlot(parameter.Value, parameter.Gradient, velocities[i], null, 1, 1))];
        double least = double.MaxValue;
        for (int rep = 0; rep <= reps; rep++) Least(ref least, rep, () => _backend.SgdUpdate(slots, new SgdStep(1e-6f, 0.9f, 5e-4f, ClearGradient: true)));
        foreach (Tensor velocity in velocities) velocity.Dispose();
        return least;
    }

    private double MatrixRate(int size)
    {
        using var work = new GemmCase(new BenchSetup(_backend, 1, (size, size)));
        double least = double.MaxValue;
        for (int rep = 0; rep < 8; rep++) Least(ref least, rep, work.Run);
        return 2e-6 * size * size * size / least;
    }
}
