namespace IlgpuSpp.Training;

/// <summary>A built-in view whose images reach the layers that learn as features of the frozen ones.</summary>
internal sealed class FrozenView : IEvaluationView, IDisposable
{
    private readonly FrozenStem _stem;
    private readonly FixedView _look;
    private readonly IEvaluationView _view;

    /// <summary>Creates the view of some images.</summary>
    public FrozenView(TrainedModel model, FrozenStem stem, ImageDataset data, EvaluationView view, EvaluatorOptions options, FeatureCache? cache, Microsoft.Extensions.Logging.ILogger? logger)
    {
        (_stem, _view) = (stem, Evaluator.ViewOf(view));
        int whole = model.FullImageSide;
        bool full = view == EvaluationView.Full;
        _look = full ? new FixedView(whole, null, false) : new FixedView(model.InputSize, CropPosition.Centre, false);
        InputPreparation preparation = full ? model.Preparation with { MinSide = whole, CropSize = Math.Min(model.Preparation.CropSize, whole) } : model.Preparation;
        Features = new FrozenFeatures(stem, new PreparedImages(data, preparation, options.CacheBytes, logger), preparation, cache, options.CacheBytes, options.EffectiveThreads);
    }

    /// <summary>The same view through the cache, where it is one of the built-in ones and the model was trained so; else null.</summary>
    public static FrozenView? Of(IEvaluationView view, TrainedModel model, ImageDataset data, EvaluatorOptions options, FeatureCache? cache, Microsoft.Extensions.Logging.ILogger? logger)
    {
        if (cache is null || view is not (CentreCropView or FullImageView { MinimumSide: null }) || FrozenStem.Noted(model.Model) is not { } stem) return null;
        return new FrozenView(model, stem, data, view is FullImageView ? EvaluationView.Full : EvaluationView.Crop, options, cache, logger);
    }

    /// <summary>The rows.</summary>
    public FrozenFeatures Features { get; }

    /// <summary>What the view shows, image by image.</summary>
    public IEnumerable<(int Index, FixedView View)> Wanted => Enumerable.Range(0, Features.Images.Count).Select(index => (index, _look));

    /// <inheritdoc/>
    public string Name => _view.Name;

    /// <inheritdoc/>
    public void Check(TrainedModel model) => _view.Check(model);

    /// <inheritdoc/>
    public IEnumerable<ScoredBatch> Score(EvaluationContext context)
    {
        var rows = new List<(int Index, float[] Row)>();
        int index = 0;
        foreach (float[]? row in Features.Rows(Wanted, context.Cancellation))
        {
            if (row is null) Features.Images.CheckFailures(context.Options.MaxUndecodableShare);
            else rows.Add((index, row));
            index++;
            if (rows.Count < context.Options.BatchSize && (index < Features.Images.Count || rows.Count == 0)) continue;
            using NetworkPass pass = _stem.Network.Plan(new Shape(rows.Count, rows[0].Row.Length), PassMode.Inference, _stem.Head);
            pass.Input.Upload(rows.SelectMany(found => found.Row).ToArray());
            pass.Forward();
            yield return new ScoredBatch(rows.Select(found => found.Index).ToArray(), pass.Output);
            rows.Clear();
        }
        context.NoteFailures(Features.Images);
    }

    /// <inheritdoc/>
    public void Dispose() => Features.Dispose();
}
