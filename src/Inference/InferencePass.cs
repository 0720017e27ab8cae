namespace IlgpuSpp.Inference;

/// <summary>A planned inference pass with host memory for one input.</summary>
public sealed class InferencePass : IDisposable
{
    private readonly Lazy<float[]> _host;

    internal InferencePass(Network network, Shape input)
    {
        Pass = network.Plan(input, PassMode.Inference);
        Probabilities = network.Backend.Allocate(Pass.Output.Shape);
        _host = new Lazy<float[]>(() => new float[input.Count]);
    }

    /// <summary>Passes of a network, kept for reuse.</summary>
    /// <param name="network">The network.</param>
    /// <param name="maximumPasses">Most idle passes, at least 1.</param>
    /// <param name="maximumBytes">Most bytes of idle passes; one is kept in any case.</param>
    public static PassCache<InferencePass> CacheOf(Network network, int maximumPasses = 16, long maximumBytes = 1L << 30) =>
        new(network.Backend, input => new InferencePass(network, input), pass => pass.Bytes, maximumPasses, maximumBytes);

    /// <summary>The pass.</summary>
    public NetworkPass Pass { get; }

    /// <summary>Room for class probabilities, of the output's shape.</summary>
    public Tensor Probabilities { get; }

    /// <summary>Host memory for the input; allocated when it is first used.</summary>
    public float[] HostInput => _host.Value;

    /// <summary>Bytes on the device.</summary>
    public long Bytes => Pass.Bytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        Pass.Dispose();
        Probabilities.Dispose();
    }
}
