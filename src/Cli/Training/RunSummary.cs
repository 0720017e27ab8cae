using System.Globalization;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Training;

/// <summary>Lines about epochs and finished runs, the same in every display.</summary>
internal static class RunSummary
{
    public static string Epoch(EpochMetrics epoch, int epochs)
    {
        string validation = epoch.ValidationTop1 is { } top1
            ? string.Create(CultureInfo.InvariantCulture, $"  val loss {epoch.ValidationLoss:F4} top-1 {100 * top1:F1} %")
            : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch.Epoch}/{epochs}  size {epoch.Size}  lr {epoch.LearningRate:G4}  loss {epoch.TrainLoss:F4} top-1 {100 * epoch.TrainTop1:F1} %{validation}  {epoch.ImagesPerSecond:F0} images/s  {epoch.Seconds:F1} s");
    }

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
            yield return $"{result.Undecodable.Count} image(s) could not be decoded and were skipped, first {result.Undecodable[0]}";
        if (result.BestOrNull is { } best)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"best epoch {best.Epoch}: top-1 {100 * best.Top1:F2} %, top-5 {100 * best.Top5:F2} %, loss {best.Loss:F4}; {Duration(result.TrainingTime)}");
            yield return $"model {result.BestModel}";
            yield return $"report {Path.Combine(result.RunFolder, IlgpuSpp.Training.RunFolder.ReportName)}";
        }
    }

    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
