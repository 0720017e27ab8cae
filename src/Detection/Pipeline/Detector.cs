using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>Finds objects in images: proposals, one convolution pass a scale, pooled windows, scores, suppression (the paper, section 4). Not for several threads at a time.</summary>
public sealed class Detector : IDisposable
{
    private readonly Model _model;
    private readonly DetectorParts _parts;
    private readonly WindowFeatures _features;
    private readonly WindowHead _head;
    private readonly Tensor? _boxWeights, _boxBiases;

    /// <summary>Brings the parts together.</summary>
    /// <param name="model">The network, with one output for the background before those of the classes; belongs to this object from now on.</param>
    /// <param name="preparation">How images are normalised.</param>
    /// <param name="parts">What was learnt besides the network.</param>
    /// <param name="proposals">Finds the windows.</param>
    /// <param name="cache">Keeps feature maps; null for none.</param>
    internal Detector(Model model, InputPreparation preparation, DetectorParts parts, IProposalMethod proposals, FeatureMapCache? cache = null)
    {
        (_model, _parts, Proposals) = (model, parts, proposals);
        ClassNames = [.. model.Description.ClassNames.Skip(1)];
        _features = new WindowFeatures(model, preparation, parts.Options.Features, cache);
        _head = new WindowHead(model, _features);
        if (parts.BoxWeights is null) return;
        _boxWeights = model.Backend.Allocate(new Shape(BoxEncoding.Length * ClassNames.Count, _features.Length));
        _boxBiases = model.Backend.Allocate(new Shape(BoxEncoding.Length * ClassNames.Count));
        _boxWeights.Upload(parts.BoxWeights);
        _boxBiases.Upload(parts.BoxBiases);
    }

    /// <summary>Names of the classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Finds the windows.</summary>
    public IProposalMethod Proposals { get; }

    /// <summary>How the detector was trained.</summary>
    public DetectorOptions Options => _parts.Options;

    /// <summary>Whether there are support vector machines.</summary>
    public bool HasSvm => _parts.SvmWeights is not null;

    /// <summary>Whether boxes are moved, by a regression or by a layer of the network.</summary>
    public bool HasBoxRegression => _boxWeights is not null || _parts.BoxLayerWeights is not null;

    /// <summary>Opens a detector that <see cref="DetectorTrainer"/> wrote.</summary>
    /// <param name="path">The file, or the run's folder.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="proposals">Finds the windows.</param>
    /// <exception cref="ModelFormatException">The file is damaged or holds no detector.</exception>
    public static Detector Load(string path, IBackend backend, IProposalMethod proposals)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(DetectorFile.PathOf(path), backend);
        try
        {
            return new Detector(model, preparation, parts, proposals);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Finds objects.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">How detections are chosen; the defaults where null.</param>
    /// <param name="imageIndex">The number that the detections carry.</param>
    /// <returns>Detections, highest score first.</returns>
    /// <exception cref="DataFormatException">The image's sides differ too much.</exception>
    public IReadOnlyList<ScoredBox> Detect(RgbImage image, DetectionOptions? options = null, int imageIndex = 0)
    {
        options ??= new DetectionOptions();
        var windows = new List<PixelBox>();
        var seen = new HashSet<PixelBox>();
        foreach (PixelBox box in Proposals.Propose(image))
            if (BoxOverlap.Clip(box, image.Width, image.Height) is { } inside && seen.Add(inside))
                windows.Add(inside);
        if (windows.Count == 0) return [];
        using ImageMaps maps = _features.Maps(image);
        List<ScoredBox> kept = Choose(_head.Score(maps, windows), options, imageIndex, image.Width, image.Height);
        if (kept.Count == 0 || !options.RegressBoxes || _boxWeights is null) return kept;
        ScoredBox[] moved = Move(maps, kept);
        return [.. GreedySuppression.PerClass(moved, options.SuppressionOverlap).OrderByDescending(box => box.Score)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        _boxWeights?.Dispose();
        _boxBiases?.Dispose();
        _model.Dispose();
    }

    private List<ScoredBox> Choose(WindowScores scores, DetectionOptions options, int imageIndex, int width, int height)
    {
        WindowScoring scoring = options.Scoring ?? _parts.Options.Scoring;
        if (scoring == WindowScoring.Svm && !HasSvm) throw new InvalidOperationException("The detector was trained without support vector machines; score with softmax.");
        double least = options.MinimumScore ?? (scoring == WindowScoring.Svm ? -1.5 : 0.01);
        int classes = ClassNames.Count, hidden = scores.HiddenLength;
        var all = new List<ScoredBox>();
        bool moves = options.RegressBoxes && _parts.BoxLayerWeights is not null;
        for (int row = 0; row < scores.Boxes.Count; row++)
        {
            ReadOnlySpan<float> features = scores.Hidden.AsSpan(row * hidden, hidden);
            for (int label = 0; label < classes; label++)
            {
                double score = scoring == WindowScoring.Softmax
                    ? scores.Probabilities[row * (classes + 1) + label + 1]
                    : VectorSums.Dot(features, _parts.SvmWeights.AsSpan(label * hidden, hidden)) + _parts.SvmBiases![label];
                if (score > least) all.Add(new ScoredBox(imageIndex, label, score, moves ? Layered(scores.Boxes[row], label, features, width, height) : scores.Boxes[row]));
            }
        }
        return [.. GreedySuppression.PerClass(all, options.SuppressionOverlap).OrderByDescending(box => box.Score).Take(options.MostInImage)];
    }

    // The network's own box layer moves every window before the suppression (Fast R-CNN, section 2.4).
    private PixelBox Layered(PixelBox window, int label, ReadOnlySpan<float> hidden, int width, int height)
    {
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        for (int k = 0; k < encoded.Length; k++)
        {
            int row = BoxEncoding.Length * label + k;
            encoded[k] = VectorSums.Dot(hidden, _parts.BoxLayerWeights.AsSpan(row * hidden.Length, hidden.Length)) + _parts.BoxLayerBiases![row];
        }
        return BoxOverlap.Clip(BoxEncoding.Decode(window, encoded), width, height) ?? window;
    }

    private ScoredBox[] Move(ImageMaps maps, List<ScoredBox> detections)
    {
        PixelBox[] boxes = [.. detections.Select(detection => detection.Box)];
        int[] order = _features.OrderByScale(maps, boxes);
        int outputs = BoxEncoding.Length * ClassNames.Count;
        IBackend backend = _model.Backend;
        using Tensor pooled = backend.Allocate(new Shape(boxes.Length, _features.Length));
        using Tensor moves = backend.Allocate(new Shape(boxes.Length, outputs));
        _features.Pool(maps, [.. order.Select(i => boxes[i])], pooled);
        backend.LinearForward(pooled, _boxWeights!, _boxBiases, moves, Activation.None);
        float[] values = moves.ToArray();
        var result = detections.ToArray();
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        for (int row = 0; row < order.Length; row++)
        {
            ScoredBox old = detections[order[row]];
            for (int k = 0; k < encoded.Length; k++) encoded[k] = values[row * outputs + BoxEncoding.Length * old.Label + k];
            if (BoxOverlap.Clip(BoxEncoding.Decode(old.Box, encoded), maps.Width, maps.Height) is { } moved) result[order[row]] = old with { Box = moved };
        }
        return result;
    }
}
