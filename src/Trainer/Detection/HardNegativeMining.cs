using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>
/// Trains a linear support vector machine for each class on what the last layer reads (section 4.1): objects against windows away from them, in one pass over
/// the images that keeps the negatives which the machines so far get wrong or nearly so.
/// </summary>
internal sealed class HardNegativeMining(TrainingImages images, WindowHead head, SvmOptions options, ulong seed, ILogger logger)
{
    private const uint SampleStream = 0xDE7E_0030;

    private readonly TrainingImages _images = images;
    private readonly WindowHead _head = head;
    private readonly SvmOptions _options = options;
    private readonly ulong _seed = seed;
    private readonly ILogger _logger = logger;
    private readonly ClassExamples[] _classes = [.. images.Data.ClassNames.Select(_ => new ClassExamples())];
    private double _scale = 1;

    /// <summary>Trains.</summary>
    /// <returns>Weights <c>[classes][responses]</c> and biases for unscaled features; a class without objects has weights 0 and bias −∞.</returns>
    public (float[][] Weights, float[] Biases) Run(IProgress<DetectorProgress>? progress, CancellationToken cancellation)
    {
        int count = _images.Data.Images.Count;
        CollectObjects(progress, cancellation);
        for (int label = 0; label < _classes.Length; label++)
        {
            if (_classes[label].Positives.Count == 0) _logger.LogWarning("{Set}: there are no objects of the class '{Class}' to train on; it will never be detected.", _images.Data.Name, _images.Data.ClassNames[label]);
        }
        bool first = true;
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_images.Data.Images[i].ObjectsOnly || _images.Load(i) is not { } loaded) continue;
            using IImageWindows features = loaded.Features;
            Mine(_images.Data.Images[i], features, loaded.Windows, first, cancellation);
            first = false;
            progress?.Report(new DetectorProgress("support vector machines", i + 1, count, $"{_classes.Sum(c => c.Negatives.Count)} hard negatives"));
        }
        var weights = new float[_classes.Length][];
        var biases = new float[_classes.Length];
        for (int label = 0; label < _classes.Length; label++)
        {
            ClassExamples own = _classes[label];
            if (own.Positives.Count > 0 && own.Negatives.Count + own.Positives.Count > 0) Retrain(own, cancellation);
            weights[label] = new float[_head.ResponseLength];
            biases[label] = float.NegativeInfinity;
            if (own.Machine is null) continue;
            for (int k = 0; k < weights[label].Length; k++) weights[label][k] = (float)(own.Machine.Weights[k] * _scale);
            biases[label] = own.Machine.Bias;
        }
        return (weights, biases);
    }

    // The objects' features, and the mean length of features over random windows of random images.
    private void CollectObjects(IProgress<DetectorProgress>? progress, CancellationToken cancellation)
    {
        int count = _images.Data.Images.Count, length = _head.ResponseLength;
        var meanLength = new FeatureLength(_images, _seed, SampleStream);
        HashSet<int> sampled = [.. meanLength.Images];
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            AnnotatedImage image = _images.Data.Images[i];
            if (_images.Load(i) is not { } loaded) continue;
            using IImageWindows features = loaded.Features;
            AnnotatedObject[] marked = [.. image.Objects.Where(item => !item.Ignored)];
            var boxes = marked.Select(item => item.Box).Distinct().ToList();
            if (sampled.Contains(i)) boxes.AddRange(meanLength.Draw(loaded.Windows));
            if (boxes.Count == 0) continue;
            WindowResponses scores = _head.Respond(features, boxes);
            foreach (AnnotatedObject item in marked)
            {
                int row = scores.Windows.RowOf[IndexOf(scores.Windows.Boxes, item.Box)];
                _classes[item.Label].Positives.Add(scores.Responses.AsSpan(row * length, length).ToArray());
            }
            if (sampled.Contains(i)) meanLength.Add(scores.Windows, scores.Responses, length);
            progress?.Report(new DetectorProgress("objects' features", i + 1, count));
        }
        _scale = meanLength.Scale;
        foreach (float[] row in _classes.SelectMany(own => own.Positives)) Scale(row);
    }

    private void Mine(AnnotatedImage image, IImageWindows features, IReadOnlyList<TrainingWindow> windows, bool all, CancellationToken cancellation)
    {
        if (windows.Count == 0) return;
        int length = _head.ResponseLength;
        WindowResponses scores = _head.Respond(features, [.. windows.Select(window => window.Box)]);
        for (int i = 0; i < scores.Responses.Length; i++) scores.Responses[i] = (float)(scores.Responses[i] * _scale);
        // Windows come in an order that the scales give; negatives are taken in the proposals' order.
        Dictionary<PixelBox, int> rowOf = scores.Windows.Boxes.Zip(scores.Windows.RowOf).ToDictionary(pair => pair.First, pair => pair.Second);
        // Classes share what they keep: rows behind a pyramid are long.
        var copies = new float[scores.Windows.Rows][];
        List<PixelBox>? common = null;
        for (int label = 0; label < _classes.Length; label++)
        {
            ClassExamples own = _classes[label];
            if (own.Positives.Count == 0) continue;
            PixelBox[] objects = [.. image.Objects.Where(item => item.Label == label).Select(item => item.Box)];
            List<PixelBox> negatives = objects.Length > 0 ? Negatives(windows, objects) : common ??= Negatives(windows, []);
            var seen = new HashSet<int>();
            foreach (PixelBox box in negatives)
            {
                if (_options.DuplicateOverlap >= 1 && !seen.Add(rowOf[box])) continue;
                ReadOnlySpan<float> row = scores.Responses.AsSpan(rowOf[box] * length, length);
                if (!all && own.Machine is not null && own.Machine.Score(row) <= _options.HardAbove) continue;
                own.Negatives.Add(copies[rowOf[box]] ??= row.ToArray());
                own.New++;
            }
            if (own.Machine is null || own.New > _options.RetrainAfter) Retrain(own, cancellation);
        }
    }

    private List<PixelBox> Negatives(IReadOnlyList<TrainingWindow> windows, PixelBox[] objects)
    {
        var kept = new List<PixelBox>();
        foreach (TrainingWindow window in windows)
        {
            if (Array.Exists(objects, item => BoxOverlap.IntersectionOverUnion(item, window.Box) >= _options.NegativeOverlap)) continue;
            if (!kept.Exists(box => BoxOverlap.IntersectionOverUnion(box, window.Box) > _options.DuplicateOverlap)) kept.Add(window.Box);
        }
        return kept;
    }

    private void Retrain(ClassExamples own, CancellationToken cancellation)
    {
        if (own.Negatives.Count == 0 && own.Machine is null) return;
        float[][] examples = [.. own.Positives, .. own.Negatives];
        bool[] positive = [.. examples.Select((_, i) => i < own.Positives.Count)];
        own.Machine = LinearSvm.Train(examples, positive, new LinearSvmOptions
        {
            Loss = SvmLoss.Hinge,
            Cost = _options.Cost,
            PositiveWeight = _options.PositiveWeight,
            BiasFeature = _options.BiasFeature,
        }, cancellation);
        own.Negatives.RemoveAll(row => own.Machine.Score(row) < _options.EvictBelow);
        own.New = 0;
    }

    private void Scale(float[] row)
    {
        for (int k = 0; k < row.Length; k++) row[k] = (float)(row[k] * _scale);
    }

    private static int IndexOf(IReadOnlyList<PixelBox> boxes, PixelBox wanted)
    {
        for (int i = 0; i < boxes.Count; i++)
            if (boxes[i] == wanted)
                return i;
        throw new InvalidOperationException("A scored window is missing.");
    }

    private sealed class ClassExamples
    {
        public List<float[]> Positives { get; } = [];

        public List<float[]> Negatives { get; } = [];

        public LinearClassifier? Machine { get; set; }

        public int New { get; set; }
    }
}
