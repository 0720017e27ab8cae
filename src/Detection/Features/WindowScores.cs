using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>What a network says about the windows of one image.</summary>
/// <param name="Boxes">The windows.</param>
/// <param name="Probabilities">Softmax scores, <c>[windows, classes + 1]</c>, the background first.</param>
/// <param name="Hidden">What the last layer reads, <c>[windows, hidden]</c>: the features for support vector machines.</param>
/// <param name="HiddenLength">Values of a row of <paramref name="Hidden"/>.</param>
/// <param name="Beside">What a layer beside the last one says, <c>[windows, outputs]</c>; null without such a layer.</param>
public sealed record WindowScores(IReadOnlyList<PixelBox> Boxes, float[] Probabilities, float[] Hidden, int HiddenLength, float[]? Beside = null);

/// <summary>Runs the layers behind the pyramid on windows, in pieces of a fixed number. Not for several threads at a time.</summary>
public sealed class WindowHead : IDisposable
{
    private const int Piece = 256;

    private readonly Backend _backend;
    private readonly NetworkPass _pass;
    private readonly Tensor _hidden, _probabilities;

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
        _hidden = Sequential.ChildContext(_pass.Context, features.Split.Head.Children.Count - 1).Input;
        _probabilities = _backend.Allocate(_pass.Output.Shape);
    }

    /// <summary>Values of a row that the last layer reads.</summary>
    public int HiddenLength => _hidden.Shape.RowLength;

    /// <summary>Outputs of the network: classes and background.</summary>
    public int Outputs => _pass.Output.Shape.RowLength;

    /// <summary>Scores windows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The windows.</param>
    /// <param name="besideWeights">Weights of a layer beside the last one that reads what that one reads, <c>[outputs, hidden]</c>; null for none.</param>
    /// <param name="besideBiases">Its biases, <c>[outputs]</c>, or null.</param>
    /// <returns>The windows in another order: that in which they are computed with the least work.</returns>
    public WindowScores Score(IImageWindows image, IReadOnlyList<PixelBox> boxes, Tensor? besideWeights = null, Tensor? besideBiases = null)
    {
        PixelBox[] ordered = [.. image.Order(boxes).Select(i => boxes[i])];
        int hidden = HiddenLength, outputs = Outputs;
        var probabilities = new float[ordered.Length * outputs];
        var rows = new float[ordered.Length * hidden];
        int besideOutputs = besideWeights?.Shape[0] ?? 0;
        float[]? beside = besideWeights is null ? null : new float[ordered.Length * besideOutputs];
        using Tensor? besidePiece = besideWeights is null ? null : _backend.Allocate(new Shape(Piece, besideOutputs));
        for (int start = 0; start < ordered.Length; start += Piece)
        {
            int count = Math.Min(Piece, ordered.Length - start);
            image.Compute(ordered[start..(start + count)], _pass.Input);
            _pass.Forward();
            _backend.Softmax(_pass.Output, _probabilities);
            _probabilities.View(new Shape(count, outputs)).Download(probabilities.AsSpan(start * outputs, count * outputs));
            _hidden.View(new Shape(count, hidden)).Download(rows.AsSpan(start * hidden, count * hidden));
            if (besidePiece is null) continue;
            _backend.LinearForward(_hidden, besideWeights!, besideBiases, besidePiece, Activation.None);
            besidePiece.View(new Shape(count, besideOutputs)).Download(beside.AsSpan(start * besideOutputs, count * besideOutputs));
        }
        return new WindowScores(ordered, probabilities, rows, hidden, beside);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        _probabilities.Dispose();
    }
}
