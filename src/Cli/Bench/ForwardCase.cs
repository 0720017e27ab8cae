namespace IlgpuSpp.Cli.Bench;

/// <summary>Inference of a network.</summary>
internal sealed class ForwardCase : IBenchCase
{
    private readonly Network _network;
    private readonly NetworkPass _pass;

    public ForwardCase(BenchSetup setup, Network network, (int Width, int Height) size)
    {
        _network = network;
        _pass = network.Plan(new Shape(setup.Batch, size.Height, size.Width, 3), PassMode.Inference);
        setup.Backend.FillNormal(_pass.Input, 0, 1, new RandomKey(1, 1, 0));
        Images = setup.Batch;
    }

    public static ForwardCase Of(BenchSetup setup)
    {
        (Network network, int size) = BenchNetworks.Of(setup);
        return new ForwardCase(setup, network, setup.Size ?? (size, size));
    }

    public int Images { get; }

    public void Run() => _pass.Forward();

    public void Dispose()
    {
        _pass.Dispose();
        _network.Dispose();
    }
}
