namespace IlgpuSpp.Cli.Bench;

/// <summary>Inference of a network on square images.</summary>
internal sealed class ForwardCase : IBenchCase
{
    private readonly Network _network;
    private readonly NetworkPass _pass;

    public ForwardCase(BenchSetup setup, Network network, int size)
    {
        _network = network;
        _pass = network.Plan(new Shape(setup.Batch, size, size, 3), PassMode.Inference);
        setup.Backend.FillNormal(_pass.Input, 0, 1, new RandomKey(1, 1, 0));
        Images = setup.Batch;
    }

    public int Images { get; }

    public void Run() => _pass.Forward();

    public void Dispose()
    {
        _pass.Dispose();
        _network.Dispose();
    }
}
