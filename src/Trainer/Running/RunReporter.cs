using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Training;

/// <summary>Writes <c>report.html</c> of a finished or interrupted run: measures the best weights once more, image by image.</summary>
public static class RunReporter
{
    private const int WrongSamples = 12;
    private const int RightSamples = 12;
    private const int Guesses = 3;
    private const int ThumbnailSide = 160;

    /// <summary>Writes the report into the run's folder.</summary>
    /// <param name="run">The run; it has a best epoch.</param>
    /// <param name="validation">The images that it was measured on.</param>
    /// <param name="title">Heading of the page.</param>
    /// <param name="backend">Where to measure.</param>
    /// <param name="started">When the run was started.</param>
    /// <param name="command">The command line that repeats the run; empty for none.</param>
    /// <param name="progress">Receives the number of images measured.</param>
    /// <param name="interrupt">Stops the measurement; no report is written then.</param>
    /// <returns>The measurement that the report shows.</returns>
    /// <exception cref="RunFolderException">The run's files cannot be read.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static EvaluationResult Write(RunResult run, ImageDataset validation, string title, Backend backend, DateTimeOffset started, string command = "", IProgress<int>? progress = null, CancellationToken interrupt = default)
    {
        RunConfiguration configuration = RunConfiguration.Load(run.RunFolder);
        TrainerOptions options = configuration.Options;
        using Classifier classifier = Classifier.Load(run.BestModel, backend, new ClassifierOptions { View = options.EvaluationView });
        using var evaluator = new Evaluator(classifier.Model, new EvaluatorOptions { LoaderThreads = options.LoaderThreads, MaxUndecodableShare = 1 });
        EvaluationResult result = evaluator.Evaluate(validation, options.EvaluationView, progress, interrupt);
        HtmlReport.Write(new RunFolder(run.RunFolder).ReportFile, new RunReport
        {
            Title = title,
            Architecture = Architecture(configuration.Model),
            Device = $"{backend.Device.Name}: {backend.Device.Hardware}",
            Started = started,
            Command = command,
            Duration = run.TrainingTime,
            DatasetSummary = string.Create(CultureInfo.InvariantCulture, $"{configuration.Data.TrainImages:N0} training and {configuration.Data.ValidationImages:N0} validation images of {configuration.Data.Classes} classes"),
            Options = [.. Options(options)],
            Epochs = [.. run.Epochs.Select(Row)],
            BestEpoch = run.Best.Epoch,
            Classes = result.ClassNames,
            ConfusionMatrix = Counts(result.Confusion),
            PerClass = [.. result.ClassNames.Select((name, label) => new ClassResult(name, result.Confusion.ImagesOf(label), result.Confusion[label, label]))],
            Samples = [.. Samples(result, validation, classifier, interrupt)],
            Notes = [.. Notes(run, result)],
        });
        return result;
    }

    private static string Architecture(ModelDescription model) => model.Options.Pyramid.Length == 0
        ? $"{model.Architecture} without a pyramid"
        : $"{model.Architecture} {{{string.Join(",", model.Options.Pyramid)}}}";

    private static EpochRow Row(EpochMetrics epoch) => new(epoch.Epoch, epoch.Size, epoch.LearningRate, epoch.TrainLoss, epoch.TrainTop1,
        epoch.ValidationLoss, epoch.ValidationTop1, epoch.ValidationTop5, epoch.Seconds, epoch.ImagesPerSecond);

    private static IEnumerable<NamedValue> Options(TrainerOptions options)
    {
        var culture = CultureInfo.InvariantCulture;
        yield return new("sizes", string.Join(", ", options.Sizes) + (options.SizePolicy == SizePolicy.RandomSize ? " (random between them)" : ""));
        yield return new("crop", string.Create(culture, $"{options.EffectiveCropSize} px of images with shorter side {options.EffectiveResizeSide} px"));
        yield return new("epochs", options.Epochs.ToString(culture));
        yield return new("batch", options.GradientAccumulation == 1 ? options.BatchSize.ToString(culture) : string.Create(culture, $"{options.BatchSize} x {options.GradientAccumulation}"));
        yield return new("optimiser", options.Optimiser.ToString());
        yield return new("learning rate", options.LearningRate.ToString("G4", culture));
        yield return new("schedule", options.Schedule.ToString());
        yield return new("momentum", options.Momentum.ToString("G4", culture));
        yield return new("weight decay", options.WeightDecay.ToString("G4", culture));
        yield return new("label smoothing", options.LabelSmoothing.ToString("G4", culture));
        yield return new("weight average", options.EmaDecay == 0 ? "off" : options.EmaDecay.ToString("G6", culture));
        yield return new("augmentation", options.Augmentation.Crop.ToString());
        yield return new("input normalisation", options.Normalisation.ToString());
        yield return new("validation view", options.EvaluationView.ToString());
        yield return new("seed", options.Seed.ToString(culture));
    }

    private static int[,] Counts(ConfusionMatrix confusion)
    {
        var counts = new int[confusion.Classes, confusion.Classes];
        for (int label = 0; label < confusion.Classes; label++)
            for (int predicted = 0; predicted < confusion.Classes; predicted++)
                counts[label, predicted] = confusion[label, predicted];
        return counts;
    }

    // The most confident mistakes teach the most; the right ones are spread over the data set.
    private static IEnumerable<ReportSample> Samples(EvaluationResult result, ImageDataset validation, Classifier classifier, CancellationToken interrupt)
    {
        var wrong = result.Predictions.Where(p => p.Rank > 0).OrderByDescending(p => p.Probability).ThenBy(p => p.Sample).Take(WrongSamples);
        SamplePrediction[] right = [.. result.Predictions.Where(p => p.Rank == 0)];
        int stride = Math.Max(1, right.Length / RightSamples);
        foreach (SamplePrediction prediction in wrong.Concat(right.Where((_, i) => i % stride == 0).Take(RightSamples)))
        {
            interrupt.ThrowIfCancellationRequested();
            RgbImage image = validation.Load(prediction.Sample);
            yield return new ReportSample(
                validation.Samples[prediction.Sample].Name,
                ImageWriter.Jpeg(Thumbnail(image), quality: 85),
                result.ClassNames[prediction.Label],
                [.. classifier.Predict(image, Guesses).Select(guess => new ClassGuess(guess.ClassName, guess.Probability))],
                prediction.Rank == 0);
        }
    }

    private static RgbImage Thumbnail(RgbImage image)
    {
        double scale = (double)ThumbnailSide / Math.Max(image.Width, image.Height);
        return scale >= 1
            ? image
            : ImageResizer.Resize(image, Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)), ResizeFilter.BilinearAntialias);
    }

    private static IEnumerable<string> Notes(RunResult run, EvaluationResult result)
    {
        if (run.Outcome == RunOutcome.Interrupted) yield return "The run was interrupted; this is the best epoch so far.";
        if (run.Outcome == RunOutcome.StoppedEarly) yield return "The run was stopped early: the validation accuracy no longer improved.";
        foreach (string name in run.Undecodable) yield return $"Could not be decoded and was skipped in training: {name}";
        foreach (string name in result.Undecodable) yield return $"Could not be decoded and was skipped in validation: {name}";
    }
}
