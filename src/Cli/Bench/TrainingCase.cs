namespace IlgpuSpp.Cli.Bench;

/// <summary>One training step: forward, loss, backward, SGD.</summary>
internal sealed class TrainingCase : IBenchCase
{
    private readonly Backend _backend;
    private readonly Network _network;
    private readonly NetworkPass _pass;
    private readonly Tensor<int> _labels;
    private readonly Tensor _probabilities, _losses;
    private readonly Tensor[] _velocities;
    private readonly OptimiserSlot[] _slots;
    private readonly SgdStep _step;
    private readonly CrossEntropyLoss _loss = new();
    private uint _number;

    public TrainingCase(BenchSetup setup, Network network, (int Width, int Height) size, SgdStep step)
    {
        _backend = setup.Backend;
        _network = network;
        _step = step;
        Images = setup.Batch;
        _pass = network.Plan(new Shape(setup.Batch, size.Height, size.Width, 3), PassMode.Training, recompute: setup.Recompute);
        _backend.FillNormal(_pass.Input, 0, 1, new RandomKey(1, 1, 0));
        _labels = _backend.Allocate<int>(new Shape(setup.Batch));
        var random = new RandomStream(new RandomKey(1, 2, 0));
        var labels = new int[setup.Batch];
        for (int i = 0; i < labels.Length; i++) labels[i] = random.NextInt(_pass.Output.Shape[1]);
        _backend.Upload(labels, _labels);
        _probabilities = _backend.Allocate(_pass.Output.Shape);
        _losses = _backend.Allocate(new Shape(setup.Batch));
        Parameter[] trained = [.. network.Parameters.Where(parameter => parameter.Trainable)];
        _velocities = [.. trained.Select(parameter => _backend.Allocate(parameter.Shape))];
        foreach (Tensor velocity in _velocities) _backend.Fill(velocity, 0);
        // One rate and decay for all, as in the script that this is compared with.
        _slots = [.. trained.Select((parameter, i) => new OptimiserSlot(parameter.Value, parameter.Gradient, _velocities[i], null, 1, 1))];
    }

    public static TrainingCase Of(BenchSetup setup)
    {
        (Network network, int size) = BenchNetworks.Of(setup);
        return new TrainingCase(setup, network, setup.Size ?? (size, size), new SgdStep(1e-3f, 0.9f, 5e-4f, ClearGradient: true));
    }

    public int Images { get; }

    public void Run()
    {
        var state = new PassState(1, _number++);
        _pass.Forward(state);
        _loss.Forward(_backend, _pass.Output, _labels, _probabilities, _losses);
        _loss.Backward(_backend, _pass.Output, _labels, _probabilities, _pass.OutputGradient!, 1f / Images);
        _pass.Backward(state);
        _backend.SgdUpdate(_slots, _step);
    }

    public void Dispose()
    {
        foreach (Tensor velocity in _velocities) velocity.Dispose();
        _losses.Dispose();
        _probabilities.Dispose();
        _labels.Dispose();
        _pass.Dispose();
        _network.Dispose();
    }
}
