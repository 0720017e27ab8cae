using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>
/// Measures a model, or several together, on labelled images. Decoded images and passes are kept from one measurement to the next. Not for several threads at a time.
/// </summary>
public sealed class Evaluator : IDisposable
{
    private const int TopCount = 5;

    private readonly (TrainedModel Model, PassCache<InferencePass> Passes)[] _members;
    private readonly EvaluatorOptions _options;
    private readonly ILogger? _logger;
    private readonly FeatureCache? _features;
    private readonly List<KeptSet> _kept = [];

    /// <summary>Creates the evaluator.</summary>
    /// <param name="model">The model; not disposed.</param>
    /// <param name="options">How it is measured.</param>
    /// <param name="logger">Is warned of images that cannot be decoded.</param>
    /// <param name="features">Where training kept the features of frozen layers (<see cref="Trainer.Features"/>): crops and whole images of a model that was trained so are taken from there.</param>
    /// <exception cref="OptionsException">An option cannot work.</exception>
    public Evaluator(TrainedModel model, EvaluatorOptions? options = null, ILogger? logger = null, FeatureCache? features = null)
        : this([model], options, logger, features)
    {
    }

    /// <summary>Creates the evaluator of several models, whose probabilities are averaged (the paper, section 3.1.6, Table 5).</summary>
    /// <param name="models">The models, at least one, all of the same classes; not disposed.</param>
    /// <param name="options">How they are measured.</param>
    /// <param name="logger">Is warned of images that cannot be decoded.</param>
    /// <param name="features">Where training kept the features of frozen layers.</param>
    /// <exception cref="OptionsException">An option cannot work.</exception>
    /// <exception cref="ArgumentException">There is no model, or their classes differ.</exception>
    public Evaluator(IReadOnlyList<TrainedModel> models, EvaluatorOptions? options = null, ILogger? logger = null, FeatureCache? features = null)
    {
        if (models.Count == 0 || models.Any(model => !model.ClassNames.SequenceEqual(models[0].ClassNames))) throw new ArgumentException("There must be at least one model, and all must have the same classes in the same order.", nameof(models));
        _options = options ?? new EvaluatorOptions();
        _options.Validate();
        (_logger, _features) = (logger, features);
        _members = [.. models.Select(model => (model, InferencePass.CacheOf(model.Model.Network)))];
    }

    /// <summary>Data sets whose decoded images are kept, at least 1.</summary>
    internal int KeptSets { get; init; } = 1;

    // Of several models, which are alike in their classes, the first.
    private TrainedModel Model => _members[0].Model;

    /// <summary>The built-in view of an option.</summary>
    /// <param name="view">The option.</param>
    public static IEvaluationView ViewOf(EvaluationView view) => view == EvaluationView.Full ? new FullImageView() : new CentreCropView();

    /// <summary>Measures with one of the built-in views.</summary>
    /// <param name="data">The images.</param>
    /// <param name="view">What the network sees of them.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancellationToken">Stops the measurement.</param>
    /// <exception cref="DatasetException">The data has classes that the model does not know, no image, or too many that cannot be decoded.</exception>
    /// <exception cref="ArgumentException">The view does not suit the network.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public EvaluationResult Evaluate(ImageDataset data, EvaluationView view = EvaluationView.Crop, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(data, ViewOf(view), progress, cancellationToken);

    /// <summary>Measures with several views of every image, whose scores are averaged.</summary>
    /// <inheritdoc cref="Evaluate(ImageDataset, IEvaluationView, IProgress{int}, CancellationToken)"/>
    public EvaluationResult Evaluate(ImageDataset data, AveragedViews view, IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(data, new AveragedEvaluation(view), progress, cancellationToken);

    /// <summary>Measures with any view.</summary>
    /// <param name="data">The images; classes are matched with the model's by name where the model knows names.</param>
    /// <param name="view">What the network sees of them.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancellationToken">Stops the measurement.</param>
    /// <exception cref="DatasetException">The data has classes that the model does not know, no image, or too many that cannot be decoded.</exception>
    /// <exception cref="ArgumentException">The view does not suit the network.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public EvaluationResult Evaluate(ImageDataset data, IEvaluationView view, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        long start = Stopwatch.GetTimestamp();
        ImageDataset known = Match(data);
        if (known.Count == 0) throw new DatasetException(known.Name, "has no images to measure on; check the split.");
        foreach ((TrainedModel model, _) in _members) view.Check(model);
        var undecodable = new SortedSet<string>(StringComparer.Ordinal);
        List<SamplePrediction> predictions = Predict(known, view, undecodable, progress, cancellationToken);
        return Result(view, known, predictions, [.. undecodable], Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The predictions of some images, in any order; those that cannot be decoded are missing.</summary>
    internal List<SamplePrediction> Predict(ImageDataset data, IEvaluationView view, IProgress<int>? progress, CancellationToken cancellationToken) =>
        Predict(Match(data), view, [], progress, cancellationToken);

    private List<SamplePrediction> Predict(ImageDataset known, IEvaluationView view, SortedSet<string> undecodable, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var predictions = new List<SamplePrediction>(known.Count);
        var sums = new float[]?[_members.Length == 1 ? 0 : known.Count];
        for (int member = 0; member < _members.Length; member++)
        {
            (TrainedModel model, PassCache<InferencePass> passes) = _members[member];
            using FrozenView? frozen = FrozenView.Of(view, model, known, _options, _features, _logger);
            var context = new EvaluationContext(model, known, _options, passes, _kept.First(kept => ReferenceEquals(kept.Known, known)).Images, _logger, cancellationToken);
            int done = 0;
            foreach (ScoredBatch batch in (frozen ?? view).Score(context))
            {
                if (_members.Length > 1) Sum(batch, sums);
                else if (batch.AreProbabilities) AddProbabilities(batch, known, predictions);
                else AddScores(batch, known, predictions);
                done += batch.Samples.Length;
                progress?.Report((member * known.Count + Math.Min(done, known.Count)) / _members.Length);
            }
            cancellationToken.ThrowIfCancellationRequested();
            undecodable.UnionWith(context.Undecodable);
        }
        for (int sample = 0; sample < sums.Length; sample++)
            if (sums[sample] is { } row)
                predictions.Add(Prediction(sample, known.Samples[sample].Label, [.. row.Select(value => value / _members.Length)]));
        return predictions;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, PassCache<InferencePass> passes) in _members) passes.Dispose();
    }

    private ImageDataset Match(ImageDataset data)
    {
        if (_kept.Find(kept => ReferenceEquals(kept.Given, data)) is { } before) return before.Known;
        IReadOnlyList<string> names = Model.ClassNames;
        bool same = data.ClassNames.SequenceEqual(names);
        if (!same && Model.Model.Description.ClassNames.IsEmpty && data.ClassNames.Count != names.Count)
            throw new DatasetException(data.Name, $"has {data.ClassNames.Count} classes, but the model has {names.Count} outputs; use the data that it was trained for.");
        ImageDataset known = same || Model.Model.Description.ClassNames.IsEmpty ? data : data.WithClasses(names);
        if (_kept.Count == KeptSets) _kept.RemoveAt(0);
        _kept.Add(new KeptSet(data, known, []));
        return known;
    }

    private sealed record KeptSet(ImageDataset Given, ImageDataset Known, Dictionary<InputPreparation, PreparedImages> Images);

    private void AddScores(ScoredBatch batch, ImageDataset data, List<SamplePrediction> predictions)
    {
        Backend backend = batch.Scores.Backend;
        int rows = batch.Scores.Shape.Batch, classes = Model.Model.Classes;
        using Tensor<int> labelTensor = backend.Allocate<int>(new Shape(rows)), rankTensor = backend.Allocate<int>(new Shape(rows)), bestTensor = backend.Allocate<int>(new Shape(rows));
        using Tensor probabilityTensor = backend.Allocate(new Shape(rows, classes)), lossTensor = backend.Allocate(new Shape(rows));
        var labels = new int[rows];
        for (int i = 0; i < rows; i++) labels[i] = batch.Samples.Span[i] < 0 ? -1 : data.Samples[batch.Samples.Span[i]].Label;
        labelTensor.Upload(labels);
        backend.CrossEntropyForward(batch.Scores, labelTensor, probabilityTensor, lossTensor, smoothing: 0);
        backend.LabelRanks(batch.Scores, labelTensor, rankTensor);
        backend.ArgmaxRows(batch.Scores, bestTensor);
        int[] ranks = rankTensor.ToArray(), best = bestTensor.ToArray();
        float[] losses = lossTensor.ToArray(), probabilities = probabilityTensor.ToArray();
        for (int i = 0; i < rows; i++)
        {
            if (labels[i] < 0) continue;
            predictions.Add(new SamplePrediction(batch.Samples.Span[i], labels[i], best[i], probabilities[i * classes + best[i]], ranks[i], losses[i]));
        }
    }

    private static void AddProbabilities(ScoredBatch batch, ImageDataset data, List<SamplePrediction> predictions)
    {
        int classes = batch.Scores.Shape.RowLength;
        float[] all = batch.Scores.ToArray();
        for (int i = 0; i < batch.Samples.Length; i++)
            if (batch.Samples.Span[i] is >= 0 and var sample)
                predictions.Add(Prediction(sample, data.Samples[sample].Label, all.AsSpan(i * classes, classes)));
    }

    private static SamplePrediction Prediction(int sample, int label, ReadOnlySpan<float> probabilities)
    {
        int best = 0, rank = 0;
        for (int c = 0; c < probabilities.Length; c++)
        {
            if (probabilities[c] > probabilities[best]) best = c;
            if (probabilities[c] > probabilities[label] || (probabilities[c] == probabilities[label] && c < label)) rank++;
        }
        return new SamplePrediction(sample, label, best, probabilities[best], rank, -MathF.Log(MathF.Max(probabilities[label], float.Epsilon)));
    }

    private static void Sum(ScoredBatch batch, float[]?[] sums)
    {
        int classes = batch.Scores.Shape.RowLength;
        using Tensor? softmax = batch.AreProbabilities ? null : batch.Scores.Backend.Allocate(batch.Scores.Shape);
        if (softmax is not null) batch.Scores.Backend.Softmax(batch.Scores, softmax);
        float[] all = (softmax ?? batch.Scores).ToArray();
        for (int i = 0; i < batch.Samples.Length; i++)
        {
            if (batch.Samples.Span[i] is not (>= 0 and var sample)) continue;
            float[] sum = sums[sample] ??= new float[classes];
            for (int c = 0; c < classes; c++) sum[c] += all[i * classes + c];
        }
    }

    /// <summary>Counts predictions of a whole data set.</summary>
    internal EvaluationResult Result(IEvaluationView view, ImageDataset data, List<SamplePrediction> predictions, IReadOnlyList<string> undecodable, double seconds)
    {
        if (predictions.Count == 0) throw new DatasetException(data.Name, "has no image that can be decoded; check the files.");

        // Sums in the order of the data set: the result does not depend on how a view batches.
        predictions.Sort((a, b) => a.Sample.CompareTo(b.Sample));
        var confusion = new ConfusionMatrix(Model.Model.Classes);
        int top1 = 0, top5 = 0;
        double loss = 0;
        foreach (SamplePrediction prediction in predictions)
        {
            confusion.Add(prediction.Label, prediction.Predicted);
            if (prediction.Rank == 0) top1++;
            if (prediction.Rank < TopCount) top5++;
            loss += prediction.Loss;
        }
        return new EvaluationResult
        {
            View = view.Name,
            ClassNames = Model.ClassNames,
            Images = predictions.Count,
            Top1 = (double)top1 / predictions.Count,
            Top5 = (double)top5 / predictions.Count,
            Loss = loss / predictions.Count,
            Confusion = confusion,
            Predictions = predictions,
            Seconds = seconds,
            Undecodable = undecodable,
        };
    }
}
