using System.Diagnostics;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>One network with what was learnt besides it: scores the windows of an image and moves boxes. Not for several threads at a time.</summary>
internal sealed class DetectorModel : IDisposable
{
    private const double LeastSvmScore = -1.5, LeastProbability = 0.01;

    private readonly Model _model;
    private readonly DetectorParts _parts;
    private readonly IWindowFeatures _features;
    private readonly WindowHead _head;
    private readonly Tensor? _boxWeights, _boxBiases, _layerWeights, _layerBiases;

    /// <summary>Brings the parts together.</summary>
    /// <param name="path">The file that they are from, for errors.</param>
    /// <param name="model">The network, with one output for the background before those of the classes; belongs to this object from now on, and is disposed where this throws.</param>
    /// <param name="preparation">How images are normalised.</param>
    /// <param name="parts">What was learnt besides the network.</param>
    /// <exception cref="ModelFormatException">A part's length is not that which the network and its classes ask for.</exception>
    public DetectorModel(string path, Model model, InputPreparation preparation, DetectorParts parts)
    {
        (_model, _parts) = (model, parts);
        ClassNames = [.. model.Description.ClassNames.Skip(1)];
        try
        {
            _features = WindowFeatures.Create(model, preparation, parts.Settings.Features);
            _head = new WindowHead(model, _features);
            CheckLengths(path);
            var moves = new Shape(BoxEncoding.Length * ClassNames.Count);
            if (parts.BoxWeights is not null)
            {
                _boxWeights = model.Backend.Allocate(new Shape(moves[0], _features.Length));
                _boxBiases = model.Backend.Allocate(moves);
                _boxWeights.Upload(parts.BoxWeights);
                _boxBiases.Upload(parts.BoxBiases);
            }
            if (parts.BoxLayerWeights is not null)
            {
                _layerWeights = model.Backend.Allocate(new Shape(moves[0], _head.HiddenLength));
                _layerBiases = model.Backend.Allocate(moves);
                _layerWeights.Upload(parts.BoxLayerWeights);
                _layerBiases.Upload(parts.BoxLayerBiases);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> ClassNames { get; }

    public DetectorSettings Settings => _parts.Settings;

    public bool HasSvm => _parts.SvmWeights is not null;

    /// <summary>Whether boxes are moved once they are chosen, by a regression.</summary>
    public bool HasBoxRegression => _boxWeights is not null;

    /// <summary>Whether boxes are moved before they are chosen, by a layer of the network.</summary>
    public bool HasBoxLayer => _layerWeights is not null;

    public static DetectorModel Load(string path, Backend backend)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(path, backend);
        return new DetectorModel(path, model, preparation, parts);
    }

    /// <summary>Takes up an image; the clock runs whenever features are computed.</summary>
    public IImageWindows Open(RgbImage image, Stopwatch clock)
    {
        clock.Start();
        IImageWindows windows = _features.Open(image);
        _model.Backend.Synchronize();
        clock.Stop();
        return new TimedWindows(windows, _model.Backend, clock);
    }

    /// <summary>The scores of all windows for all classes that are above the least; the boxes moved by the network's own layer where it has one and is asked to.</summary>
    public IEnumerable<ScoredBox> Score(IImageWindows image, IReadOnlyList<PixelBox> boxes, WindowScoring scoring, double? leastScore, bool move, int imageIndex)
    {
        if (scoring == WindowScoring.Svm && !HasSvm) throw new InvalidOperationException("The detector was trained without support vector machines; score with softmax.");
        WindowScores scores = move ? _head.Score(image, boxes, _layerWeights, _layerBiases) : _head.Score(image, boxes);
        double least = leastScore ?? (scoring == WindowScoring.Svm ? LeastSvmScore : LeastProbability);
        int classes = ClassNames.Count, hidden = scores.HiddenLength;
        var all = new List<ScoredBox>();
        for (int row = 0; row < scores.Boxes.Count; row++)
        {
            ReadOnlySpan<float> features = scores.Hidden.AsSpan(row * hidden, hidden);
            for (int label = 0; label < classes; label++)
            {
                double score = scoring == WindowScoring.Softmax
                    ? scores.Probabilities[row * (classes + 1) + label + 1]
                    : VectorSums.Dot(features, _parts.SvmWeights.AsSpan(label * hidden, hidden)) + _parts.SvmBiases![label];
                if (score > least) all.Add(new ScoredBox(imageIndex, label, score, Layered(scores, row, label, image)));
            }
        }
        return all;
    }

    /// <summary>The detections with their boxes moved by the regression, in the same order.</summary>
    public ScoredBox[] Move(IImageWindows image, IReadOnlyList<ScoredBox> detections)
    {
        var result = detections.ToArray();
        if (_boxWeights is null || result.Length == 0) return result;
        PixelBox[] boxes = [.. detections.Select(detection => detection.Box)];
        int[] order = image.Order(boxes);
        int outputs = BoxEncoding.Length * ClassNames.Count;
        Backend backend = _model.Backend;
        using Tensor rows = backend.Allocate(new Shape(boxes.Length, _features.Length));
        using Tensor moves = backend.Allocate(new Shape(boxes.Length, outputs));
        image.Compute([.. order.Select(i => boxes[i])], rows);
        backend.LinearForward(rows, _boxWeights, _boxBiases, moves, Activation.None);
        float[] values = moves.ToArray();
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        for (int row = 0; row < order.Length; row++)
        {
            ScoredBox old = detections[order[row]];
            for (int k = 0; k < encoded.Length; k++) encoded[k] = values[row * outputs + BoxEncoding.Length * old.Label + k];
            if (BoxOverlap.Clip(BoxEncoding.Decode(old.Box, encoded), image.Width, image.Height) is { } moved) result[order[row]] = old with { Box = moved };
        }
        return result;
    }

    // The network's own box layer, where the scores have it, moves every window before the suppression (Fast R-CNN, section 2.4).
    private PixelBox Layered(WindowScores scores, int row, int label, IImageWindows image)
    {
        PixelBox window = scores.Boxes[row];
        if (scores.Beside is not { } moves) return window;
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        int first = BoxEncoding.Length * (row * ClassNames.Count + label);
        for (int k = 0; k < encoded.Length; k++) encoded[k] = moves[first + k];
        return BoxOverlap.Clip(BoxEncoding.Decode(window, encoded), image.Width, image.Height) ?? window;
    }

    // A file may have been put together from parts of several.
    private void CheckLengths(string path)
    {
        int classes = ClassNames.Count, hidden = _head.HiddenLength;
        if (_head.Outputs != classes + 1)
            throw new ModelFormatException(path, $"its parts do not fit its network: {classes} classes and the background ask for {classes + 1} outputs, but the network has {_head.Outputs}; train the detector again");
        Check("support vector machines", _parts.SvmWeights, _parts.SvmBiases, classes, hidden);
        Check("box regression", _parts.BoxWeights, _parts.BoxBiases, BoxEncoding.Length * classes, _features.Length);
        Check("box layer", _parts.BoxLayerWeights, _parts.BoxLayerBiases, BoxEncoding.Length * classes, hidden);

        void Check(string part, float[]? weights, float[]? biases, int rows, int length)
        {
            if (weights is null || (weights.LongLength == (long)rows * length && biases?.Length == rows)) return;
            throw new ModelFormatException(
                path, $"its parts do not fit its network: the {part} should have {rows} rows of {length} weights with a bias each, but there are {weights.Length} weights and {biases?.Length ?? 0} biases; train the detector again");
        }
    }

    public void Dispose()
    {
        foreach (IDisposable? owned in (IDisposable?[])[_head, _boxWeights, _boxBiases, _layerWeights, _layerBiases, _model]) owned?.Dispose();
    }
}
