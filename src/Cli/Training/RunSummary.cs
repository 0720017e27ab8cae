using System.Globalization;

namespace IlgpuSpp.Cli.Training;

/// <summary>Lines about epochs and finished runs, the same in every display.</summary>
internal static class RunSummary
{
    /// <summary>A finished epoch.</summary>
    /// <param name="epoch">Its numbers.</param>
    /// <param name="epochs">Epochs of the run.</param>
    /// <param name="columns">Room for the line; what is least dear is left out where it is short.</param>
    public static string Epoch(EpochMetrics epoch, int epochs, int columns = int.MaxValue)
    {
        var culture = CultureInfo.InvariantCulture;
        List<Field> fields =
        [
            new(9, string.Create(culture, $"epoch {epoch.Epoch}/{epochs}")),
            new(2, string.Create(culture, $"size {epoch.Size}")),
            new(0, string.Create(culture, $"lr {epoch.LearningRate:G4}")),
            new(4, string.Create(culture, $"loss {epoch.TrainLoss:F4}")),
            new(5, string.Create(culture, $"top-1 {100 * epoch.TrainTop1:F1} %")),
        ];
        if (epoch.ValidationTop1 is { } top1)
        {
            fields.Add(new(3, string.Create(culture, $"val loss {epoch.ValidationLoss:F4}")));
            fields.Add(new(8, string.Create(culture, $"val top-1 {100 * top1:F1} %")));
        }
        fields.Add(new(1, string.Create(culture, $"{epoch.ImagesPerSecond:F0} images/s")));
        fields.Add(new(7, string.Create(culture, $"{epoch.Seconds:F1} s")));
        return FittingFields.Join(columns, fields);
    }

    /// <summary>How the ranks of a distributed run did in an epoch; null for one process.</summary>
    public static string? Ranks(TrainingProgress value) => value.Ranks is { } ranks
        ? string.Create(CultureInfo.InvariantCulture, $"  {ranks.Count} ranks: {100 * ranks.CommunicationShare:F0} % of the steps in communication; rank {ranks.Slowest} on {ranks.SlowestHost} computed longest, {ranks.SlowestFactor:F2} times the mean")
        : null;

    /// <summary>What is said once the features of frozen layers are there; null before.</summary>
    public static string? Features(TrainingProgress value) => value.Phase == TrainingPhase.Features && value.Step == value.Steps
        ? string.Create(CultureInfo.InvariantCulture, $"features of the frozen layers: {value.Steps:N0} views of images, {value.FromCache:N0} of them from the cache; {Duration(value.Elapsed)}")
        : null;

    public static IEnumerable<string> Result(RunResult result)
    {
        switch (result.Outcome)
        {
            case RunOutcome.Interrupted:
                yield return $"interrupted; go on with: ilgpuspp train --resume {result.RunFolder}";
                break;
            case RunOutcome.StoppedEarly:
                yield return "stopped early: the validation accuracy no longer improved";
                break;
        }
        if (result.Undecodable.Count > 0)
            yield return $"{Counted.Of(result.Undecodable.Count, "image")} could not be decoded and {(result.Undecodable.Count == 1 ? $"was skipped: {result.Undecodable[0]}" : $"were skipped, first {result.Undecodable[0]}")}";
        if (result.BestOrNull is { } best)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"best epoch {best.Epoch}: top-1 {100 * best.Top1:F2} %, top-5 {100 * best.Top5:F2} %, loss {best.Loss:F4}; {Duration(result.TrainingTime)}{(result.TrainingTime - result.Elapsed > TimeSpan.FromSeconds(1) ? $" in all, {Duration(result.Elapsed)} since it was resumed" : "")}");
            yield return $"model {result.BestModel}";
            string report = Path.Combine(result.RunFolder, RunFolder.ReportName);
            if (result.Outcome != RunOutcome.Interrupted && File.Exists(report)) yield return $"report {report}";
        }
    }

    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
