using System.Globalization;

namespace IlgpuSpp.Cli.Training;

/// <summary>The lines that show a running epoch: a bar of the phase, one of the whole training, the numbers so far.</summary>
internal static class TrainingPanel
{
    private const int LongestBar = 60, ShortestBar = 8;

    /// <summary>Lays the lines out.</summary>
    /// <param name="value">Where the run is.</param>
    /// <param name="columns">Room for every line.</param>
    /// <param name="panel">Draws the bars.</param>
    public static IReadOnlyList<Piece[]> Lines(TrainingProgress value, int columns, LivePanel panel)
    {
        var lines = new List<Piece[]>();
        string now = PhaseName(value.Phase) + (value.Steps > 0 ? Invariant($" {value.Step}/{value.Steps}") : "");
        double share = value.Steps > 0 ? (double)value.Step / value.Steps : 0;
        if (value.Epoch == 0)
        {
            lines.Add(Phase(PhaseName(value.Phase), value.Step, value.Steps, columns, panel));
            return lines;
        }
        string epoch = Invariant($"epoch {value.Epoch}/{value.Epochs}"), whole = "all".PadRight(epoch.Length);
        double all = (value.Epoch - 1 + (value.Phase == TrainingPhase.Training ? share : 1)) / value.Epochs;
        string time = $"{RunSummary.Duration(value.Elapsed)} gone" + (value.Remaining is { } left ? $", {RunSummary.Duration(left)} left" : "");
        int text = Math.Max(now.Length, time.Length);
        lines.Add(Bar(panel, epoch, share, now, text, columns));
        lines.Add(Bar(panel, whole, all, time, text, columns));
        string numbers = FittingFields.Join(columns, Numbers(value));
        if (numbers.Length > 0) lines.Add([new Piece(numbers)]);
        return lines;
    }

    /// <summary>The line of a phase that belongs to no epoch, with a bar where its length is known.</summary>
    public static Piece[] Phase(string name, int done, int total, int columns, LivePanel panel) =>
        total > 0 ? Bar(panel, name, (double)done / total, Invariant($"{done}/{total}"), 0, columns) : [new Piece(name, Tint.Strong)];

    /// <summary>A phase in words.</summary>
    public static string PhaseName(TrainingPhase phase) => phase switch
    {
        TrainingPhase.Preparing => "preparing",
        TrainingPhase.Decoding => "decoding images",
        TrainingPhase.Features => "features of the frozen layers",
        TrainingPhase.Evaluating => "evaluating",
        TrainingPhase.Finished => "finished",
        _ => "training",
    };

    private static Piece[] Bar(LivePanel panel, string label, double share, string text, int textColumns, int columns)
    {
        int room = Math.Min(LongestBar, columns - label.Length - Math.Max(text.Length, textColumns) - 4);
        Piece[] bar = room >= ShortestBar ? [.. panel.Bar(share, room), new Piece("  ")] : [];
        return [new Piece(label, Tint.Strong), new Piece("  "), .. bar, new Piece(text)];
    }

    // Only what is known: no zeros before the first step.
    private static IEnumerable<Field> Numbers(TrainingProgress value)
    {
        if (value.Size > 0) yield return new(2, $"size {value.Size}");
        if (!double.IsNaN(value.Loss)) yield return new(4, Invariant($"loss {value.Loss:F4}"));
        if (!double.IsNaN(value.Accuracy)) yield return new(5, Invariant($"top-1 {100 * value.Accuracy:F1} %"));
        if (value.LearningRate > 0) yield return new(1, Invariant($"lr {value.LearningRate:G4}"));
        if (value.ImagesPerSecond > 0) yield return new(3, Invariant($"{value.ImagesPerSecond:F0} images/s"));
        if (value.Undecodable > 0) yield return new(0, Invariant($"{value.Undecodable} skipped"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
