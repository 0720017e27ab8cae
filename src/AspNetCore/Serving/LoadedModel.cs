namespace IlgpuSpp.AspNetCore;

/// <summary>What a model does.</summary>
internal enum ModelKind
{
    Classifier,
    Detector,
}

/// <summary>A model in memory; goes when it is retired and the last request that uses it has ended.</summary>
internal abstract class LoadedModel
{
    private readonly Lock _gate = new();
    private int _users;
    private bool _retired;

    /// <summary>Names of the classes.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Name of the network.</summary>
    public abstract string Network { get; }

    /// <summary>Takes the model for a request; false where it is retired.</summary>
    public bool TryRent()
    {
        lock (_gate)
        {
            if (_retired) return false;
            _users++;
            return true;
        }
    }

    /// <summary>The end of what <see cref="TryRent"/> began.</summary>
    public void Return()
    {
        lock (_gate)
            if (--_users > 0 || !_retired) return;
        Close();
    }

    /// <summary>Takes no more requests.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            if (_retired) return;
            _retired = true;
            if (_users > 0) return;
        }
        Close();
    }

    /// <summary>Frees what it holds.</summary>
    protected abstract void Close();
}

#pragma warning disable CA1001 // Close frees the queue, when the last request has ended.
/// <summary>A classifier in memory with its queue.</summary>
internal sealed class LoadedClassifier : LoadedModel
{
    private readonly Classifier _classifier;
    private readonly PassQueue<ClassifierItem, ClassifierResult> _queue;

    public LoadedClassifier(string name, Classifier classifier, ServingOptions options, ServingMetrics metrics)
    {
        _classifier = classifier;
        _queue = new PassQueue<ClassifierItem, ClassifierResult>(
            name, options.MaxBatch, options.MaxWait, item => (item.Image.Height, item.Image.Width), Run, (images, seconds) => metrics.Pass(name, images, seconds));
    }

    public override IReadOnlyList<string> ClassNames => _classifier.Model.ClassNames;

    public override string Network => _classifier.Model.Model.Description.Name;

    /// <summary>Fits an image to the network.</summary>
    public PreparedImage Prepare(RgbImage image) => _classifier.Prepare(image);

    public PassQueue<ClassifierItem, ClassifierResult>.Ticket Add(ClassifierItem item) => _queue.Add(item);

    protected override void Close()
    {
        _queue.Dispose();
        _classifier.Dispose();
    }

    private ClassifierResult[] Run(IReadOnlyList<ClassifierItem> items)
    {
        using var activity = ServingMetrics.Traces.StartActivity("pass");
        activity?.SetTag("images", items.Count);
        float[] all = _classifier.Probabilities([.. items.Select(item => item.Image)]);
        int classes = all.Length / items.Count;
        var results = new ClassifierResult[items.Count];
        for (int i = 0; i < results.Length; i++)
        {
            float[] own = all[(i * classes)..((i + 1) * classes)];
            EvidenceMap? evidence = items[i].Heatmap ? Evidence(items[i].Image, Guess.Best(ClassNames, own, 1)[0].Index) : null;
            results[i] = new ClassifierResult(own, evidence);
        }
        return results;
    }

    // A network that is no chain has no map to show, and its answer is none the worse.
    private EvidenceMap? Evidence(PreparedImage image, int label)
    {
        try
        {
            return _classifier.Evidence(image, label);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>An image for a classifier.</summary>
internal sealed record ClassifierItem(PreparedImage Image, bool Heatmap);

/// <summary>What a classifier says of it.</summary>
internal sealed record ClassifierResult(float[] Probabilities, EvidenceMap? Evidence);

/// <summary>A detector in memory with its queue; detectors take one image at a time.</summary>
internal sealed class LoadedDetector : LoadedModel
{
    private readonly Detector _detector;
    private readonly PassQueue<DetectorItem, IReadOnlyList<FoundObject>> _queue;

    public LoadedDetector(string name, Detector detector, ServingMetrics metrics)
    {
        _detector = detector;
        _queue = new PassQueue<DetectorItem, IReadOnlyList<FoundObject>>(name, 1, TimeSpan.Zero, _ => 0, items => [Run(items[0])], (images, seconds) => metrics.Pass(name, images, seconds));
    }

    public override IReadOnlyList<string> ClassNames => _detector.ClassNames;

    public override string Network => _detector.Scoring(null) == WindowScoring.Svm ? "detector with support vector machines" : "detector with softmax";

    public PassQueue<DetectorItem, IReadOnlyList<FoundObject>>.Ticket Add(DetectorItem item) => _queue.Add(item);

    protected override void Close()
    {
        _queue.Dispose();
        _detector.Dispose();
    }

    private IReadOnlyList<FoundObject> Run(DetectorItem item)
    {
        using var activity = ServingMetrics.Traces.StartActivity("pass");
        return _detector.Find(item.Image, item.Threshold);
    }
}

/// <summary>An image for a detector.</summary>
/// <param name="Image">The image.</param>
/// <param name="Threshold">Least probability of what is told, or least score where no probability is known; null for the usual one.</param>
internal sealed record DetectorItem(RgbImage Image, double? Threshold);
