namespace IlgpuSpp.Inference;

/// <summary>A planned inference pass with host memory for one input.</summary>
public sealed class InferencePass : IDisposable
{
    private readonly Lazy<float[]> _host;
    private readonly Tensor _softmax;

    internal InferencePass(Network network, Shape input)
    {
        Pass = network.Plan(input, PassMode.Inference);
        _softmax = network.Backend.Allocate(Pass.Output.Shape);
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

    /// <summary>Bytes on the device.</summary>
    public long Bytes => Pass.Bytes;

    /// <summary>The softmax of what a network says of a batch, on a pass of a cache.</summary>
    /// <param name="passes">The cache.</param>
    /// <param name="input"><c>[n, height, width, 3]</c>.</param>
    /// <param name="write">Writes the prepared images, one after the other.</param>
    /// <returns><c>[n, classes]</c>.</returns>
    internal static float[] Probabilities(PassCache<InferencePass> passes, Shape input, Action<float[]> write)
    {
        InferencePass rented = passes.Rent(input);
        try
        {
            write(rented._host.Value);
            rented.Pass.Input.Upload(rented._host.Value);
            rented.Pass.Forward();
            rented._softmax.Backend.Softmax(rented.Pass.Output, rented._softmax);
            return rented._softmax.ToArray();
        }
        finally
        {
            passes.Return(input, rented);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pass.Dispose();
        _softmax.Dispose();
    }
}
