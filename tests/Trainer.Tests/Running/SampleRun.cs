using IlgpuSpp.Reports;

namespace IlgpuSpp.Training.Tests;

/// <summary>A made-up run for the tests of its page.</summary>
internal static class SampleRun
{
    /// <summary>A PNG file of one grey pixel, written by an independent encoder.</summary>
    public static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    public static RunReport Of(int classes, int epochs, int samples, string prefix = "class ")
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"{prefix}{i}")];
        var confusion = new ConfusionMatrix(classes);
        for (int i = 0; i < classes; i++)
        {
            for (int hit = 0; hit < 40 + (i % 7); hit++) confusion.Add(i, i);
            for (int miss = 0; miss < 1 + (i % 5); miss++) confusion.Add(i, (i + 1) % classes);
        }
        var configuration = new RunConfiguration
        {
            Options = new TrainerOptions(),
            Model = new ModelDescription { Architecture = prefix + "net", Options = new ModelOptions() },
            Data = new DataDescription(prefix + "folder", 1240, prefix + "folder", 530, classes, ""),
        };
        var run = new RunResult
        {
            Outcome = RunOutcome.Completed,
            RunFolder = "",
            BestOrNull = new BestEpoch(epochs, 1 - (0.95 / epochs), 1 - (0.5 / epochs), 2.4 / epochs),
            Epochs = [.. Enumerable.Range(1, epochs).Select(e => Epoch(e, e <= epochs / 2 ? 0.01 : 0.001))],
            Updates = 0,
            Elapsed = TimeSpan.FromSeconds(292),
            TrainingTime = TimeSpan.FromSeconds(292),
            Undecodable = [$"{prefix}file.jpg"],
        };
        var result = new EvaluationResult { View = "full", ClassNames = names, Images = 530, Top1 = 1, Top5 = 1, Loss = 0, Confusion = confusion, Predictions = [], Seconds = 1 };
        ImageCard[] cards =
        [
            .. Enumerable.Range(0, samples).Select(i => new ImageCard(
                Pixel, names[i % classes], [new(names[(i + (i % 2)) % classes], 0.75, "", ""), new(names[0], 0.125, "", "")], $"{prefix}{i}.png", i % 2 == 0 ? CardMark.Right : CardMark.Wrong)),
        ];
        return new RunReport($"{prefix}run", configuration, run, result, "cpu", new DateTimeOffset(2026, 2, 3, 14, 5, 0, TimeSpan.Zero), "", cards);
    }

    /// <summary>A report with other epochs.</summary>
    public static RunReport With(this RunReport report, Func<EpochMetrics, EpochMetrics> change) => report with { Run = report.Run with { Epochs = [.. report.Run.Epochs.Select(change)] } };

    private static EpochMetrics Epoch(int e, double rate) => new()
    {
        Epoch = e,
        Size = e % 2 == 1 ? 224 : 180,
        LearningRate = rate,
        TrainLoss = 2.3 / e,
        TrainTop1 = 1 - (0.9 / e),
        ValidationLoss = 2.4 / e,
        ValidationTop1 = 1 - (0.95 / e),
        ValidationTop5 = 1 - (0.5 / e),
        ImagesPerSecond = 500 + e,
        Seconds = 7.3,
    };
}
