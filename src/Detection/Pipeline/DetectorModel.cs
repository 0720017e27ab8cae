using System.Diagnostics;
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
    private readonly WindowLayer? _machines, _boxes, _boxLayer;

    /// <summary>Brings the parts together.</summary>
    /// <param name="path">The file that they are from, for errors.</param>
    /// <param name="model">The network, with one output for the background before those of the classes; belongs to this object from now on, and is disposed where this throws.</param>
    /// <param name="preparation">How images are normalised.</param>
    /// <param name="parts">What was learnt besides the network.</param>
    /// <param name="features">The features of windows, where those of another model serve; null for its own.</param>
    /// <exception cref="ModelFormatException">A part's length is not that which the network and its classes ask for.</exception>
    public DetectorModel(string path, Model model, InputPreparation preparation, DetectorParts parts, IWindowFeatures? features = null)
    {
        (_model, _parts) = (model, parts);
        ClassNames = [.. model.Description.ClassNames.Skip(1)];
        try
        {
            _features = features ?? WindowFeatures.Create(model, preparation, parts.Settings.Features);
            _head = new WindowHead(model, _features, parts.Settings.SvmLayer);
            CheckLengths(path);
            if (parts.SvmWeights is not null) _machines = new WindowLayer(model.Backend, parts.SvmWeights, parts.SvmBiases!);
            if (parts.BoxWeights is not null) _boxes = new WindowLayer(model.Backend, parts.BoxWeights, parts.BoxBiases!);
            if (parts.BoxLayerWeights is not null) _boxLayer = new WindowLayer(model.Backend, parts.BoxLayerWeights, parts.BoxLayerBiases!);
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
    public bool HasBoxRegression => _boxes is not null;

    /// <summary>Whether boxes are moved before they are chosen, by a layer of the network.</summary>
    public bool HasBoxLayer => _boxLayer is not null;

    /// <summary>What makes probabilities of the machines' scores, one for each class; null where that is not known.</summary>
    public IReadOnlyList<PlattScaling>? Calibration => _parts.Calibration;

    public static DetectorModel Load(ModelSource source, Backend backend)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(source, backend);
        return new DetectorModel(source.Name, model, preparation, parts);
    }

    /// <summary>Opens a detector whose head reads the windows' features of this one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">It is no detector of the same classes behind the same convolutions.</exception>
    public DetectorModel LoadFirst(string path)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(path, _model.Backend);
        if (!HasStemOf(model))
        {
            model.Dispose();
            throw new ModelFormatException(path, "its classes or its layers in front of the pyramid are not those of the detector behind it; make it from that detector with 'models compress'");
        }
        return new DetectorModel(path, model, preparation, parts, _features);
    }

    private bool HasStemOf(Model other)
    {
        if (!other.Description.ClassNames.SequenceEqual(_model.Description.ClassNames)) return false;
        var split = new SplitNetwork(other.Network);
        Parameter[] theirs = [.. ParametersOf(split)], own = [.. ParametersOf(_features.Split)];
        return split.Pool.Pyramid.Equals(_features.Split.Pool.Pyramid) && theirs.Select(parameter => parameter.Shape).SequenceEqual(own.Select(parameter => parameter.Shape))
            && theirs.Zip(own).All(pair => pair.First.Value.ToArray().AsSpan().SequenceEqual(pair.Second.Value.ToArray()));

        static IEnumerable<Parameter> ParametersOf(SplitNetwork split) => split.Stem.SelfAndDescendants().SelectMany(layer => layer.Parameters);
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

    /// <summary>Scores all windows for all classes; what moves their boxes is computed with the scores, from the same rows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The windows.</param>
    /// <param name="scoring">What scores them.</param>
    /// <param name="leastScore">Scores above this are kept; null for the usual one of <paramref name="scoring"/>.</param>
    /// <param name="move">Whether boxes are moved: by the network's box layer at once, by the regression when <see cref="ModelDetections.Moved"/> is asked.</param>
    /// <param name="imageIndex">The number that the detections carry.</param>
    public ModelDetections Score(IImageWindows image, IReadOnlyList<PixelBox> boxes, WindowScoring scoring, double? leastScore, bool move, int imageIndex)
    {
        if (scoring == WindowScoring.Svm && !HasSvm) throw new InvalidOperationException("The detector was trained without support vector machines; score with softmax.");
        WindowLayer? machines = scoring == WindowScoring.Svm ? _machines : null, boxLayer = move ? _boxLayer : null, regression = move ? _boxes : null;
        // Softmax has the background before the classes.
        int classes = ClassNames.Count, outputs = machines?.Outputs ?? _head.Outputs, first = outputs - classes;
        OrderedWindows ordered = image.Order(boxes);
        var scores = new float[ordered.Rows * outputs];
        float[]? layerMoves = boxLayer is null ? null : new float[ordered.Rows * boxLayer.Outputs], moves = regression is null ? null : new float[ordered.Rows * regression.Outputs];
        _head.Run(image, ordered, toTheEnd: machines is null || boxLayer is not null, (start, count) =>
        {
            ReadScores(machines, start, count, scores);
            boxLayer?.Read(_head.Hidden, start, count, layerMoves!);
            regression?.Read(_head.Features, start, count, moves!);
        });
        double least = leastScore ?? (scoring == WindowScoring.Svm ? LeastSvmScore : LeastProbability);
        var found = new List<ScoredBox>();
        var rows = new List<int>();
        for (int window = 0; window < ordered.Boxes.Count; window++)
        {
            (PixelBox proposed, int row) = (ordered.Boxes[window], ordered.RowOf[window]);
            for (int label = 0; label < classes; label++)
            {
                double score = scores[row * outputs + first + label];
                if (!(score > least)) continue;
                // The box layer moves every window before the suppression (Fast R-CNN, section 2.4).
                PixelBox box = layerMoves is null ? proposed : Decode(proposed, layerMoves, row, label, classes, image.Width, image.Height);
                found.Add(new ScoredBox(imageIndex, label, score, box));
                rows.Add(row);
            }
        }
        return new ModelDetections(found, rows, moves, classes, image.Width, image.Height, Settings.BoxSides);
    }

    /// <summary>The windows with the highest scores of any class, in their order.</summary>
    /// <param name="image">The image.</param>
    /// <param name="boxes">The windows.</param>
    /// <param name="scoring">What scores them; softmax where there are no support vector machines.</param>
    /// <param name="share">Share of the windows, above 0 and below 1; at least one is kept.</param>
    public PixelBox[] Strongest(IImageWindows image, IReadOnlyList<PixelBox> boxes, WindowScoring scoring, double share)
    {
        WindowLayer? machines = scoring == WindowScoring.Svm ? _machines : null;
        int classes = ClassNames.Count, outputs = machines?.Outputs ?? _head.Outputs;
        OrderedWindows ordered = image.Order(boxes);
        var scores = new float[ordered.Rows * outputs];
        _head.Run(image, ordered, toTheEnd: machines is null, (start, count) => ReadScores(machines, start, count, scores));
        var best = new float[boxes.Count];
        for (int window = 0; window < boxes.Count; window++)
        {
            float highest = float.NegativeInfinity;
            foreach (float score in scores.AsSpan((ordered.RowOf[window] + 1) * outputs - classes, classes)) highest = MathF.Max(highest, score);
            best[ordered.Positions[window]] = highest;
        }
        return [.. Enumerable.Range(0, boxes.Count).OrderByDescending(i => best[i]).Take(Math.Max(1, (int)Math.Ceiling(share * boxes.Count))).Order().Select(i => boxes[i])];
    }

    // The scores of a piece by the machines, or by softmax without them.
    private void ReadScores(WindowLayer? machines, int start, int count, float[] scores)
    {
        if (machines is null) WindowHead.Download(_head.Probabilities, start, count, scores);
        else machines.Read(_head.Responses, start, count, scores);
    }

    /// <summary>A box moved by four numbers of its window's row; the box itself where nothing of the moved one lies in the image.</summary>
    internal static PixelBox Decode(PixelBox box, float[] moves, int row, int label, int classes, int width, int height, BoxSides sides = BoxSides.Pixels)
    {
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        int first = BoxEncoding.Length * (row * classes + label);
        for (int k = 0; k < encoded.Length; k++) encoded[k] = moves[first + k];
        return BoxOverlap.Clip(BoxEncoding.Decode(box, encoded, sides), width, height) ?? box;
    }

    // A file may have been put together from parts of several.
    private void CheckLengths(string path)
    {
        int classes = ClassNames.Count, hidden = _head.HiddenLength;
        if (_head.Outputs != classes + 1)
            throw new ModelFormatException(path, $"its parts do not fit its network: {classes} classes and the background ask for {classes + 1} outputs, but the network has {_head.Outputs}; train the detector again");
        Check("support vector machines", _parts.SvmWeights, _parts.SvmBiases, classes, _head.ResponseLength);
        Check("box regression", _parts.BoxWeights, _parts.BoxBiases, BoxEncoding.Length * classes, _features.Length);
        if (_parts.Calibration is { } calibration && (calibration.Count != classes || calibration.Any(own => !(own.A < 0) || !double.IsFinite(own.A) || !double.IsFinite(own.B))))
            throw new ModelFormatException(path, $"its probabilities do not fit its classes: for each of the {classes} there should be a slope below 0 and an offset; train the detector again");
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
        foreach (IDisposable? owned in (IDisposable?[])[_head, _machines, _boxes, _boxLayer, _model]) owned?.Dispose();
    }
}

/// <summary>What one model found in an image before the suppression.</summary>
/// <param name="boxes">The detections.</param>
/// <param name="rows">For each detection the row of its window.</param>
/// <param name="moves">What the regression says of each row, <c>[rows, 4·classes]</c>; null without one.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="width">Width of the image in pixels.</param>
/// <param name="height">Height of the image in pixels.</param>
/// <param name="sides">What sides are to the regression.</param>
internal sealed class ModelDetections(IReadOnlyList<ScoredBox> boxes, IReadOnlyList<int> rows, float[]? moves, int classes, int width, int height, BoxSides sides)
{
    /// <summary>The detections.</summary>
    public IReadOnlyList<ScoredBox> Boxes => boxes;

    /// <summary>A detection with its box moved by the regression.</summary>
    /// <param name="index">Its position in <see cref="Boxes"/>.</param>
    public ScoredBox Moved(int index)
    {
        ScoredBox found = boxes[index];
        return moves is null ? found : found with { Box = DetectorModel.Decode(found.Box, moves, rows[index], found.Label, classes, width, height, sides) };
    }
}
