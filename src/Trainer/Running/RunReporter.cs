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
    /// <param name="features">Where the run kept the features of frozen layers.</param>
    /// <param name="interrupt">Stops the measurement; no report is written then.</param>
    /// <returns>The measurement that the report shows.</returns>
    /// <exception cref="RunFolderException">The run's files cannot be read.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static EvaluationResult Write(RunResult run, ImageDataset validation, string title, Backend backend, DateTimeOffset started, string command = "", IProgress<int>? progress = null, FeatureCache? features = null, CancellationToken interrupt = default)
    {
        RunConfiguration configuration = RunConfiguration.Load(run.RunFolder);
        TrainerOptions options = configuration.Options;
        using Classifier classifier = Classifier.Load(run.BestModel, backend, new ClassifierOptions { View = options.EvaluationView });
        using var evaluator = new Evaluator(classifier.Model, new EvaluatorOptions { LoaderThreads = options.LoaderThreads, MaxUndecodableShare = 1 }, features: features);
        EvaluationResult result = evaluator.Evaluate(validation, options.EvaluationView, progress, interrupt);
        RunPage.Write(
            new RunFolder(run.RunFolder).ReportFile,
            new RunReport(title, configuration, run, result, $"{backend.Device.Name}: {backend.Device.Hardware}", started, command, [.. Samples(result, validation, classifier, interrupt)]));
        return result;
    }

    // The most confident mistakes teach the most; the right ones are spread over the data set.
    private static IEnumerable<ImageCard> Samples(EvaluationResult result, ImageDataset validation, Classifier classifier, CancellationToken interrupt)
    {
        var wrong = result.Predictions.Where(p => p.Rank > 0).OrderByDescending(p => p.Probability).ThenBy(p => p.Sample).Take(WrongSamples);
        SamplePrediction[] right = [.. result.Predictions.Where(p => p.Rank == 0)];
        int stride = Math.Max(1, right.Length / RightSamples);
        foreach (SamplePrediction prediction in wrong.Concat(right.Where((_, i) => i % stride == 0).Take(RightSamples)))
        {
            interrupt.ThrowIfCancellationRequested();
            RgbImage image = validation.Load(prediction.Sample);
            yield return new ImageCard(
                ImageWriter.Jpeg(Thumbnail(image), quality: 85),
                result.ClassNames[prediction.Label],
                [.. classifier.Predict(image, Guesses).Select(guess => new BarItem(guess.ClassName, guess.Probability, ReportNumber.Percent(guess.Probability), ""))],
                validation.Samples[prediction.Sample].Name,
                prediction.Rank == 0 ? CardMark.Right : CardMark.Wrong);
        }
    }

    private static RgbImage Thumbnail(RgbImage image)
    {
        double scale = (double)ThumbnailSide / Math.Max(image.Width, image.Height);
        return scale >= 1
            ? image
            : ImageResizer.Resize(image, Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)), ResizeFilter.BilinearAntialias);
    }
}
