namespace IlgpuSpp.Training;

/// <summary>
/// Training on what frozen layers give of a few fixed views of every image: each row is computed once, and an epoch shows every image in one of its views, in turn. Evaluation
/// takes its rows in the same way.
/// </summary>
internal sealed class FrozenTraining : IDisposable
{
    private readonly TrainerOptions _options;
    private readonly FrozenFeatures _train;
    private readonly InputPreparation _preparation;
    private readonly bool _takesAnySize;

    public FrozenTraining(FrozenStem stem, TrainedModel model, TrainerOptions options, PreparedImages images, ImageDataset validation, EvaluatorOptions evaluation, FeatureCache? cache, Microsoft.Extensions.Logging.ILogger logger)
    {
        (_options, _preparation, _takesAnySize) = (options, model.Preparation, model.Model.TakesAnySize);
        Head = stem.Head;
        _train = new FrozenFeatures(stem, images, model.Preparation, cache, options.CacheBytes, LoaderDefaults.Threads(options.LoaderThreads));
        Validation = new FrozenView(model, stem, validation, options.EvaluationView, evaluation, cache, logger);
    }

    /// <summary>The layers that learn.</summary>
    public Layer Head { get; }

    /// <summary>The view that evaluation uses.</summary>
    public FrozenView Validation { get; }

    /// <summary>Computes the rows that the epochs from one on need, as far as they can be kept.</summary>
    /// <param name="epoch">The first epoch, from 0.</param>
    /// <param name="report">Receives the rows done, all rows, and how many came from the cache.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="UndecodableImagesException">Too many images cannot be decoded.</exception>
    public void Prepare(int epoch, Action<int, int, int> report, CancellationToken cancellation)
    {
        (int Index, FixedView View)[] wanted = [.. Enumerable.Range(0, _train.Images.Count)
            .SelectMany(index => Enumerable.Range(epoch, _options.Epochs - epoch).Select(at => (index, ViewOf(at, index))).Distinct())];
        int done = 0, all = wanted.Length + Validation.Features.Images.Count;
        foreach ((FrozenFeatures features, IEnumerable<(int, FixedView)> rows) in ((FrozenFeatures, IEnumerable<(int, FixedView)>)[])[(_train, wanted), (Validation.Features, Validation.Wanted)])
        {
            foreach (float[]? row in features.Rows(rows, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                if (row is null) features.Images.CheckFailures(_options.MaxUndecodableShare);
                report(++done, all, _train.FromCache + Validation.Features.FromCache);
            }
        }
    }

    /// <summary>The batches of an epoch, from a given one on; each holds until the next is asked for. Images that cannot be decoded are replaced by the next of the order.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="order">Samples in the order of the epoch.</param>
    /// <param name="firstBatch">The first batch wanted.</param>
    /// <param name="cancellation">Ends the wait for an image.</param>
    /// <exception cref="UndecodableImagesException">Too many images cannot be decoded.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int[] order, int firstBatch, CancellationToken cancellation)
    {
        var batch = new Batch();
        int position = firstBatch * _options.BatchSize;
        foreach (float[]? found in _train.Rows(order.Skip(position).Select(index => (index, ViewOf(epoch, index))), cancellation))
        {
            int index = order[position];
            float[]? row = found;
            for (int i = 1; row is null; i++)
            {
                _train.Images.CheckFailures(_options.MaxUndecodableShare);
                index = order[(position + i) % order.Length];
                row = _train.Rows([(index, ViewOf(epoch, index))], cancellation).Single();
            }
            int at = position % _options.BatchSize;
            if (at == 0) batch.Begin(epoch, position / _options.BatchSize, new Shape(Math.Min(_options.BatchSize, order.Length - position), row.Length));
            row.CopyTo(batch.ImageRow(at));
            batch.SetRow(at, _train.Images.Dataset.Samples[index].Label, index);
            position++;
            if (at == batch.Size - 1) yield return batch;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _train.Dispose();
        Validation.Dispose();
    }

    // Images begin with different views, so that an epoch shows all of them.
    private FixedView ViewOf(int epoch, int index)
    {
        FixedView[] views = FixedView.Of(_options.FixedViews, EpochSizes.At(_options, epoch), _preparation, _takesAnySize);
        return views[(epoch + index) % views.Length];
    }
}
