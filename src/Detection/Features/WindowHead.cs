using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>What machines read of the windows of one image.</summary>
/// <param name="Windows">The windows, with the rows that belong to them.</param>
/// <param name="Responses">The features for support vector machines, <c>[rows, length]</c>.</param>
internal sealed record WindowResponses(OrderedWindows Windows, float[] Responses);

/// <summary>
/// Runs the layers behind the pyramid on windows, in pieces: those up to the layer that support vector machines read, and the others where they are wanted. The last piece of an
/// image has fewer rows where that is enough. Not for several threads at a time.
/// </summary>
internal sealed class WindowHead : IDisposable
{
    /// <summary>Windows of a piece.</summary>
    public const int Piece = 256;

    // Rows of the last piece are a multiple of this: enough for the kernels that whole pieces use, so that a window's values are the same to the bit in any piece.
    private const int Step = 64;

    private readonly Backend _backend;
    private readonly SplitNetwork _split;
    private readonly int _features, _read;
    private readonly Passes?[] _passes = new Passes?[Piece / Step];
    private Passes _present;

    /// <summary>Plans the passes of whole pieces.</summary>
    /// <param name="model">The network, whose last layer is fully connected.</param>
    /// <param name="features">Gives windows their features; those of another network with the same layers in front of its pyramid will do.</param>
    /// <param name="svmLayer">The layer that machines read; null for what the last layer reads.</param>
    /// <exception cref="NotSupportedException">The network does not end in a fully connected layer.</exception>
    /// <exception cref="OptionsException">The network has no such layer behind its pyramid.</exception>
    public WindowHead(Model model, IWindowFeatures features, string? svmLayer = null)
    {
        (_backend, _split, _features) = (model.Backend, new SplitNetwork(model.Network), features.Length);
        if (_split.Head.Children[^1] is not Linear)
            throw new NotSupportedException($"{model.Description.Name} does not end in a fully connected layer, which detection needs.");
        _read = SvmLayers.Before(_split.Head, svmLayer);
        _present = PassesOf(Piece);
    }

    /// <summary>The features of the present piece's windows, <c>[piece, length]</c>.</summary>
    public Tensor Features => _present.Features;

    /// <summary>What machines read, <c>[piece, length]</c>.</summary>
    public Tensor Responses => _present.Responses;

    /// <summary>What the last layer reads, <c>[piece, hidden]</c>; only where all layers run.</summary>
    public Tensor Hidden => _present.Hidden;

    /// <summary>Softmax scores of the present piece, <c>[piece, outputs]</c>; only where all layers run.</summary>
    public Tensor Probabilities => _present.Probabilities;

    /// <summary>Values of a row that machines read.</summary>
    public int ResponseLength => Responses.Shape.RowLength;

    /// <summary>Values of a row that the last layer reads.</summary>
    public int HiddenLength => Hidden.Shape.RowLength;

    /// <summary>Outputs of the network: classes and background.</summary>
    public int Outputs => Probabilities.Shape.RowLength;

    /// <summary>Takes windows through the network piece by piece; those that have the same features go through once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="ordered">The windows.</param>
    /// <param name="toTheEnd">Whether the layers run that are behind those which machines read.</param>
    /// <param name="read">Receives the first row and the number of rows of each piece, while its tensors are valid.</param>
    public void Run(IImageWindows image, OrderedWindows ordered, bool toTheEnd, Action<int, int> read)
    {
        for (int start = 0; start < ordered.Rows; start += Piece)
        {
            int count = Math.Min(Piece, ordered.Rows - start);
            _present = PassesOf(RowsOf(count));
            ordered.Compute(image, start, count, Features);
            _present.Forward(toTheEnd);
            read(start, count);
        }
    }

    /// <summary>Rows that the passes take for some windows, at most <see cref="Piece"/>.</summary>
    public static int RowsOf(int windows) => (windows + Step - 1) / Step * Step;

    private Passes PassesOf(int rows) => _passes[rows / Step - 1] ??= new Passes(_backend, _split, _features, _read, rows);

    /// <summary>What machines read of windows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The windows.</param>
    /// <returns>The windows in another order: that in which they are computed with the least work.</returns>
    public WindowResponses Respond(IImageWindows image, IReadOnlyList<PixelBox> boxes)
    {
        OrderedWindows ordered = image.Order(boxes);
        var responses = new float[ordered.Rows * ResponseLength];
        Run(image, ordered, toTheEnd: false, (start, count) => Download(Responses, start, count, responses));
        return new WindowResponses(ordered, responses);
    }

    /// <summary>Brings the rows of a piece to their places among all rows.</summary>
    /// <param name="rows">A tensor of the piece, <c>[piece, length]</c>.</param>
    /// <param name="start">The piece's first window.</param>
    /// <param name="count">Its windows.</param>
    /// <param name="all">Rows of all windows.</param>
    public static void Download(Tensor rows, int start, int count, float[] all)
    {
        int length = rows.Shape.RowLength;
        rows.View(new Shape(count, length)).Download(all.AsSpan(start * length, count * length));
    }

    public void Dispose()
    {
        foreach (Passes? passes in _passes) passes?.Dispose();
    }

    // The layers planned for one number of rows.
    private sealed class Passes : IDisposable
    {
        private readonly Backend _backend;
        private readonly NetworkPass? _front;
        private readonly NetworkPass _back;

        public Passes(Backend backend, SplitNetwork split, int features, int read, int rows)
        {
            _backend = backend;
            if (read > 0) _front = split.PlanHead(new Shape(rows, features), ..read);
            _back = split.PlanHead(_front?.Output.Shape ?? new Shape(rows, features), read..);
            _backend.Fill(Features, 0);
            Hidden = Sequential.ChildContext(_back.Context, split.Head.Children.Count - read - 1).Input;
            Probabilities = _backend.Allocate(_back.Output.Shape);
        }

        public Tensor Features => (_front ?? _back).Input;

        public Tensor Responses => _front?.Output ?? _back.Input;

        public Tensor Hidden { get; }

        public Tensor Probabilities { get; }

        public void Forward(bool toTheEnd)
        {
            _front?.Forward();
            if (!toTheEnd) return;
            if (_front is not null) _backend.Copy(_front.Output, _back.Input);
            _back.Forward();
            _backend.Softmax(_back.Output, Probabilities);
        }

        public void Dispose()
        {
            _front?.Dispose();
            _back.Dispose();
            Probabilities.Dispose();
        }
    }
}

/// <summary>A linear layer beside the network's own that reads the rows of a piece of windows.</summary>
internal sealed class WindowLayer : IDisposable
{
    private readonly Tensor _weights, _biases, _outputs;

    /// <summary>Brings a layer to the device.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="weights">Weights, <c>[outputs, inputs]</c>.</param>
    /// <param name="biases">Biases, <c>[outputs]</c>.</param>
    public WindowLayer(Backend backend, float[] weights, float[] biases)
    {
        _weights = backend.Allocate(new Shape(biases.Length, weights.Length / biases.Length));
        _biases = backend.Allocate(new Shape(biases.Length));
        _outputs = backend.Allocate(new Shape(WindowHead.Piece, biases.Length));
        _weights.Upload(weights);
        _biases.Upload(biases);
    }

    /// <summary>Values of a row of outputs.</summary>
    public int Outputs => _biases.Shape[0];

    /// <summary>Runs the layer on a piece.</summary>
    /// <param name="rows">What it reads, <c>[piece, inputs]</c>.</param>
    /// <param name="start">The piece's first window.</param>
    /// <param name="count">Its windows.</param>
    /// <param name="all">Receives the outputs at their places among those of all windows.</param>
    public void Read(Tensor rows, int start, int count, float[] all)
    {
        Tensor outputs = rows.Shape.Batch == WindowHead.Piece ? _outputs : _outputs.View(new Shape(rows.Shape.Batch, Outputs));
        rows.Backend.LinearForward(rows, _weights, _biases, outputs, Activation.None);
        WindowHead.Download(outputs, start, count, all);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _biases.Dispose();
        _outputs.Dispose();
    }
}
