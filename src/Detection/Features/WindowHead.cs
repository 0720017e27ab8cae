using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>What a network says about the windows of one image.</summary>
/// <param name="Windows">The windows, with the rows that belong to them.</param>
/// <param name="Probabilities">Softmax scores, <c>[rows, classes + 1]</c>, the background first.</param>
/// <param name="Hidden">What the last layer reads, <c>[rows, hidden]</c>: the features for support vector machines.</param>
/// <param name="HiddenLength">Values of a row of <paramref name="Hidden"/>.</param>
internal sealed record WindowScores(OrderedWindows Windows, float[] Probabilities, float[] Hidden, int HiddenLength);

/// <summary>Runs the layers behind the pyramid on windows, in pieces of a fixed number. Not for several threads at a time.</summary>
internal sealed class WindowHead : IDisposable
{
    /// <summary>Windows of a piece.</summary>
    public const int Piece = 256;

    private readonly Backend _backend;
    private readonly NetworkPass _pass;

    /// <summary>Plans the pass.</summary>
    /// <param name="model">The network, whose last layer is fully connected.</param>
    /// <param name="features">Gives its windows their features.</param>
    /// <exception cref="NotSupportedException">The network does not end in a fully connected layer.</exception>
    public WindowHead(Model model, IWindowFeatures features)
    {
        _backend = model.Backend;
        if (features.Split.Head.Children[^1] is not Linear)
            throw new NotSupportedException($"{model.Description.Architecture} does not end in a fully connected layer, which detection needs.");
        _pass = features.Split.PlanHead(Piece, features.Length);
        _backend.Fill(_pass.Input, 0);
        Hidden = Sequential.ChildContext(_pass.Context, features.Split.Head.Children.Count - 1).Input;
        Probabilities = _backend.Allocate(_pass.Output.Shape);
    }

    /// <summary>The features of the present piece's windows, <c>[piece, length]</c>.</summary>
    public Tensor Features => _pass.Input;

    /// <summary>What the last layer reads, <c>[piece, hidden]</c>.</summary>
    public Tensor Hidden { get; }

    /// <summary>Softmax scores of the present piece, <c>[piece, outputs]</c>.</summary>
    public Tensor Probabilities { get; }

    /// <summary>Values of a row that the last layer reads.</summary>
    public int HiddenLength => Hidden.Shape.RowLength;

    /// <summary>Outputs of the network: classes and background.</summary>
    public int Outputs => _pass.Output.Shape.RowLength;

    /// <summary>Takes windows through the network piece by piece; those that have the same features go through once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="ordered">The windows.</param>
    /// <param name="read">Receives the first row and the number of rows of each piece, while its tensors are valid.</param>
    public void Run(IImageWindows image, OrderedWindows ordered, Action<int, int> read)
    {
        for (int start = 0; start < ordered.Rows; start += Piece)
        {
            int count = Math.Min(Piece, ordered.Rows - start);
            ordered.Compute(image, start, count, _pass.Input);
            _pass.Forward();
            _backend.Softmax(_pass.Output, Probabilities);
            read(start, count);
        }
    }

    /// <summary>Scores windows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The windows.</param>
    /// <returns>The windows in another order: that in which they are computed with the least work.</returns>
    public WindowScores Score(IImageWindows image, IReadOnlyList<PixelBox> boxes)
    {
        OrderedWindows ordered = image.Order(boxes);
        float[] probabilities = new float[ordered.Rows * Outputs], hidden = new float[ordered.Rows * HiddenLength];
        Run(image, ordered, (start, count) =>
        {
            Download(Probabilities, start, count, probabilities);
            Download(Hidden, start, count, hidden);
        });
        return new WindowScores(ordered, probabilities, hidden, HiddenLength);
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
        _pass.Dispose();
        Probabilities.Dispose();
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
        rows.Backend.LinearForward(rows, _weights, _biases, _outputs, Activation.None);
        WindowHead.Download(_outputs, start, count, all);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _biases.Dispose();
        _outputs.Dispose();
    }
}
