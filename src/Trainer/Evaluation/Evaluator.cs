using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>Measures a model on labelled images. Decoded images and passes are kept from one measurement to the next. Not for several threads at a time.</summary>
public sealed class Evaluator : IDisposable
{
    private const int TopCount = 5;

    private readonly TrainedModel _model;
    private readonly EvaluatorOptions _options;
    private readonly ILogger? _logger;
    private readonly FeatureCache? _features;
    private readonly PassCache<InferencePass> _passes;
    private readonly Dictionary<InputPreparation, PreparedImages> _images = [];
    private ImageDataset? _given, _data;

    /// <summary>Creates the evaluator.</summary>
    /// <param name="model">The model; not disposed.</param>
    /// <param name="options">How it is measured.</param>
    /// <param name="logger">Is warned of images that cannot be decoded.</param>
    /// <param name="features">Where training kept the features of frozen layers (<see cref="Trainer.Features"/>): crops and whole images of a model that was trained so are taken from there.</param>
    /// <exception cref="OptionsException">An option cannot work.</exception>
    public Evaluator(TrainedModel model, EvaluatorOptions? options = null, ILogger? logger = null, FeatureCache? features = null)
    {
        _model = model;
        _options = options ?? new EvaluatorOptions();
        _options.Validate();
        (_logger, _features) = (logger, features);
        _passes = InferencePass.CacheOf(model.Model.Network);
    }

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
        view.Check(_model);
        using FrozenView? frozen = FrozenView.Of(view, _model, known, _options, _features, _logger);
        view = frozen ?? view;

        var context = new EvaluationContext(_model, known, _options, _passes, _images, _logger, cancellationToken);
        var predictions = new List<SamplePrediction>(known.Count);
        foreach (ScoredBatch batch in view.Score(context))
        {
            if (batch.AreProbabilities) AddProbabilities(batch, known, predictions);
            else AddScores(batch, known, predictions);
            progress?.Report(predictions.Count);
        }
        cancellationToken.ThrowIfCancellationRequested();
        return Result(view, context, predictions, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => _passes.Dispose();

    private ImageDataset Match(ImageDataset data)
    {
        if (ReferenceEquals(data, _given)) return _data!;
        IReadOnlyList<string> names = _model.ClassNames;
        bool same = data.ClassNames.SequenceEqual(names);
        if (!same && _model.Model.Description.ClassNames.IsEmpty && data.ClassNames.Count != names.Count)
            throw new DatasetException(data.Name, $"has {data.ClassNames.Count} classes, but the model has {names.Count} outputs; use the data that it was trained for.");
        _given = data;
        _data = same || _model.Model.Description.ClassNames.IsEmpty ? data : data.WithClasses(names);
        _images.Clear();
        return _data;
    }

    private void AddScores(ScoredBatch batch, ImageDataset data, List<SamplePrediction> predictions)
    {
        Backend backend = batch.Scores.Backend;
        int rows = batch.Scores.Shape.Batch, classes = _model.Model.Classes;
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

    private void AddProbabilities(ScoredBatch batch, ImageDataset data, List<SamplePrediction> predictions)
    {
        int classes = _model.Model.Classes;
        float[] all = batch.Scores.ToArray();
        for (int i = 0; i < batch.Samples.Length; i++)
        {
            int sample = batch.Samples.Span[i];
            if (sample < 0) continue;
            ReadOnlySpan<float> row = all.AsSpan(i * classes, classes);
            int label = data.Samples[sample].Label, best = 0, rank = 0;
            for (int c = 0; c < classes; c++)
            {
                if (row[c] > row[best]) best = c;
                if (row[c] > row[label] || (row[c] == row[label] && c < label)) rank++;
            }
            predictions.Add(new SamplePrediction(sample, label, best, row[best], rank, -MathF.Log(MathF.Max(row[label], float.Epsilon))));
        }
    }

    private EvaluationResult Result(IEvaluationView view, EvaluationContext context, List<SamplePrediction> predictions, double seconds)
    {
        if (predictions.Count == 0) throw new DatasetException(context.Data.Name, "has no image that can be decoded; check the files.");

        // Sums in the order of the data set: the result does not depend on how a view batches.
        predictions.Sort((a, b) => a.Sample.CompareTo(b.Sample));
        var confusion = new ConfusionMatrix(_model.Model.Classes);
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
            ClassNames = _model.ClassNames,
            Images = predictions.Count,
            Top1 = (double)top1 / predictions.Count,
            Top5 = (double)top5 / predictions.Count,
            Loss = loss / predictions.Count,
            Confusion = confusion,
            Predictions = predictions,
            Seconds = seconds,
            Undecodable = context.Undecodable,
        };
    }
}
