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
    private readonly Tensor? _boxWeights, _boxBiases;

    /// <summary>Brings the parts together.</summary>
    /// <param name="model">The network, with one output for the background before those of the classes; belongs to this object from now on.</param>
    /// <param name="preparation">How images are normalised.</param>
    /// <param name="parts">What was learnt besides the network.</param>
    public DetectorModel(Model model, InputPreparation preparation, DetectorParts parts)
    {
        (_model, _parts) = (model, parts);
        ClassNames = [.. model.Description.ClassNames.Skip(1)];
        _features = WindowFeatures.Create(model, preparation, parts.Options.Features);
        _head = new WindowHead(model, _features);
        if (parts.BoxWeights is null) return;
        _boxWeights = model.Backend.Allocate(new Shape(BoxEncoding.Length * ClassNames.Count, _features.Length));
        _boxBiases = model.Backend.Allocate(new Shape(BoxEncoding.Length * ClassNames.Count));
        _boxWeights.Upload(parts.BoxWeights);
        _boxBiases.Upload(parts.BoxBiases);
    }

    public IReadOnlyList<string> ClassNames { get; }

    public DetectorOptions Options => _parts.Options;

    public bool HasSvm => _parts.SvmWeights is not null;

    /// <summary>Whether boxes are moved once they are chosen, by a regression.</summary>
    public bool HasBoxRegression => _boxWeights is not null;

    /// <summary>Whether boxes are moved before they are chosen, by a layer of the network.</summary>
    public bool HasBoxLayer => _parts.BoxLayerWeights is not null;

    public static DetectorModel Load(string path, IBackend backend)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(path, backend);
        try
        {
            return new DetectorModel(model, preparation, parts);
        }
        catch
        {
            model.Dispose();
            throw;
        }
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
        WindowScores scores = _head.Score(image, boxes);
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
                if (score > least) all.Add(new ScoredBox(imageIndex, label, score, move && HasBoxLayer ? Layered(scores.Boxes[row], label, features, image.Width, image.Height) : scores.Boxes[row]));
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
        IBackend backend = _model.Backend;
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

    public void Dispose()
    {
        _head.Dispose();
        _boxWeights?.Dispose();
        _boxBiases?.Dispose();
        _model.Dispose();
    }
}
