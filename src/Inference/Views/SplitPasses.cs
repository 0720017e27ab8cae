namespace IlgpuSpp.Inference;

/// <summary>
/// The passes of a split network that one thread works with: planned stems by input shape, the last used kept, and one
/// head. An image is scored by <see cref="Begin"/>, one <see cref="Add"/> a scale, and <see cref="Scores"/>.
/// </summary>
internal sealed class SplitPasses(SplitNetwork network, Backend backend) : IDisposable
{
    private const int MostStems = 12;

    private readonly PassCache<NetworkPass> _stems = new(backend, input => network.PlanStem(input), pass => pass.Bytes, MostStems);
    private NetworkPass? _head;
    private Tensor? _probabilities;
    private Tensor<int>? _windows;
    private float[] _host = [];
    private int[] _hostWindows = [];
    private int _views, _done;

    /// <summary>Starts an image.</summary>
    /// <param name="views">Views of all scales together.</param>
    public void Begin(int views) => (_views, _done) = (views, 0);

    /// <summary>Host memory for an input; valid until it is asked for again.</summary>
    public Span<float> HostInput(int length)
    {
        if (_host.Length < length) _host = new float[length];
        return _host.AsSpan(0, length);
    }

    /// <summary>A stem for inputs of one shape.</summary>
    public NetworkPass Stem(Shape input) => _stems.Get(input);

    /// <summary>Runs a stem on the input that was uploaded and pools windows from its map.</summary>
    /// <param name="stem">What <see cref="Stem"/> gave.</param>
    /// <param name="count">Number of windows.</param>
    /// <param name="fill">Receives the map's shape and room for the windows, <c>[count, 5]</c>.</param>
    public void Add(NetworkPass stem, int count, FillWindows fill)
    {
        stem.Forward();
        int features = network.Features(stem.Output.Shape);
        NetworkPass head = Head(features);
        Span<int> windows = _hostWindows.AsSpan(_done * 5, count * 5);
        fill(stem.Output.Shape, windows);
        Tensor<int> rows = _windows!.View(new Shape(count, 5), _done * 5L);
        rows.Upload(windows);
        network.PoolWindows(stem.Output, rows, head.Input.View(new Shape(count, features), (long)_done * features));
        _done += count;
    }

    /// <summary>Runs the head on all windows.</summary>
    /// <returns>Softmax scores, <c>[views, classes]</c>.</returns>
    public float[] Scores()
    {
        if (_done != _views) throw new InvalidOperationException($"{_views} views were announced, but {_done} were pooled.");
        _head!.Forward();
        backend.Softmax(_head.Output, _probabilities!);
        return _probabilities!.ToArray();
    }

    public void Dispose()
    {
        _stems.Dispose();
        DisposeHead();
    }

    private NetworkPass Head(int features)
    {
        if (_head is not null && _head.Input.Shape == new Shape(_views, features)) return _head;
        DisposeHead();
        _head = network.PlanHead(_views, features);
        _probabilities = backend.Allocate(_head.Output.Shape);
        _windows = backend.Allocate<int>(new Shape(_views, 5));
        _hostWindows = new int[_views * 5];
        return _head;
    }

    private void DisposeHead()
    {
        _head?.Dispose();
        _probabilities?.Dispose();
        _windows?.Dispose();
        _head = null;
    }

    /// <summary>Writes the windows of a map.</summary>
    internal delegate void FillWindows(Shape map, Span<int> windows);
}
