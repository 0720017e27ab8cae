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

    /// <summary>Host memory for the input.</summary>
    internal float[] Host => _host.Value;

    /// <summary>The softmax of what the network says of <see cref="Host"/>.</summary>
    /// <returns><c>[n, classes]</c>.</returns>
    internal float[] Run()
    {
        Pass.Input.Upload(Host);
        Pass.Forward();
        _softmax.Backend.Softmax(Pass.Output, _softmax);
        return _softmax.ToArray();
    }

    /// <summary>Passes of a network, kept for reuse.</summary>
    /// <param name="network">The network.</param>
    /// <param name="maximumPasses">Most idle passes, at least 1.</param>
    /// <param name="maximumBytes">Most bytes of passes, idle or in use; one is kept in any case.</param>
    public static PassCache<InferencePass> CacheOf(Network network, int maximumPasses = 16, long maximumBytes = 1L << 30) => new(
        network.Backend, input => new InferencePass(network, input), pass => pass.Bytes, maximumPasses, maximumBytes,
        input => network.InferenceBytes(input) + BesidesBytes(input, network.Root.OutputShape(input)));

    /// <summary>The pass.</summary>
    public NetworkPass Pass { get; }

    /// <summary>Bytes on the device, and of the host memory for the input.</summary>
    public long Bytes => Pass.Bytes + BesidesBytes(Pass.Input.Shape, Pass.Output.Shape);

    /// <summary>The softmax of what a network says of a batch, on a pass of a cache.</summary>
    /// <param name="passes">The cache.</param>
    /// <param name="input"><c>[n, height, width, 3]</c>.</param>
    /// <param name="write">Writes the prepared images, one after the other.</param>
    /// <returns><c>[n, classes]</c>.</returns>
    internal static float[] Probabilities(PassCache<InferencePass> passes, Shape input, Action<float[]> write) => Finish(passes, input, passes.Rent(input), write);

    /// <inheritdoc cref="Probabilities"/>
    /// <param name="passes">The cache.</param>
    /// <param name="input"><c>[n, height, width, 3]</c>.</param>
    /// <param name="write">Writes the prepared images, one after the other.</param>
    /// <param name="cancellation">Ends waiting for a pass.</param>
    internal static async Task<float[]> ProbabilitiesAsync(PassCache<InferencePass> passes, Shape input, Action<float[]> write, CancellationToken cancellation)
    {
        InferencePass rented = await passes.RentAsync(input, cancellation).ConfigureAwait(false);
        return Finish(passes, input, rented, write);
    }

    /// <summary>The shape of pixels that a caller has prepared.</summary>
    /// <exception cref="ArgumentException">It is not that of images.</exception>
    internal static Shape InputOf(ReadOnlySpan<nint> lengths) => lengths is [>= 1, >= 1, >= 1, 3] && lengths[0] <= int.MaxValue && lengths[1] <= int.MaxValue && lengths[2] <= int.MaxValue
        ? new Shape((int)lengths[0], (int)lengths[1], (int)lengths[2], 3)
        : throw new ArgumentException($"Prepared images are [images, height, width, 3], not [{Text(lengths)}].", nameof(lengths));

    internal static string Text(ReadOnlySpan<nint> lengths) => string.Join(", ", lengths.ToArray());

    private static float[] Finish(PassCache<InferencePass> passes, Shape input, InferencePass rented, Action<float[]> write)
    {
        try
        {
            write(rented.Host);
            return rented.Run();
        }
        finally
        {
            passes.Return(input, rented);
        }
    }

    // The softmax and the input on the host.
    private static long BesidesBytes(Shape input, Shape output) => (input.Count + output.Count) * sizeof(float);

    /// <inheritdoc/>
    public void Dispose()
    {
        Pass.Dispose();
        _softmax.Dispose();
    }
}
