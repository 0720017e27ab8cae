using IlgpuSpp.Distributed;

namespace IlgpuSpp.Cli.Training;

/// <summary>What is said before the first step.</summary>
internal sealed record TrainingHeadline(TrainRequest Request, DeviceDescription Device, Model Model, ImageDataset Train, ImageDataset Validation, ICollective Ranks)
{
    public IEnumerable<string> Lines()
    {
        TrainerOptions options = Request.Options;
        string levels = Request.ModelOptions.Pyramid.Length == 0 ? "no pyramid" : $"pyramid {{{string.Join(",", Request.ModelOptions.Pyramid)}}}";
        yield return FormattableString.Invariant($"{Request.TitleOf(Model)}: {Counted.Of(Model.Network.ParameterCount, "parameter")}, {levels}, sizes {string.Join(",", options.Sizes)}{(options.SizePolicy == SizePolicy.RandomSize ? " (random)" : "")}");
        yield return FormattableString.Invariant($"{Train.Count:N0} training and {Counted.Of(Validation.Count, "validation image")} of {Counted.Of(Train.ClassNames.Count, "class")}; {Counted.Of(options.Epochs, "epoch")} of batch {options.BatchSize}");
        if (Ranks.Size > 1) yield return $"{Ranks.Size} ranks on {Counted.Of(Ranks.Hosts.Distinct().Count(), "machine")}, {options.Shards} shards a batch, added up in {(options.Reduce == ReduceOrder.Tree ? "one order" : "the library's order")}";
        yield return $"device {Device.Name} ({Device.Hardware}, {Counted.Of(Device.Parallelism, "thread")}); run folder {Request.RunFolder}";
    }
}

/// <summary>Shows a run while it goes on. Reports come one at a time, <see cref="Stopping"/> from any thread.</summary>
internal interface ITrainingDisplay : IProgress<TrainingProgress>, IDisposable
{
    /// <summary>Work outside the trainer begins or goes on, such as reading the data or writing the report.</summary>
    void Phase(string name, int done = 0, int total = 0);

    /// <summary>Called once before the first step.</summary>
    void Started(TrainingHeadline headline);

    /// <summary>A line that is no progress: a warning, a note.</summary>
    void Note(string line);

    /// <summary>The run was asked to end.</summary>
    void Stopping();

    /// <summary>Called once at the end.</summary>
    void Finished(RunResult result);
}

/// <summary>Chooses the display: live in a terminal, plain lines elsewhere, JSON or the result alone where asked for.</summary>
internal static class TrainingDisplay
{
    public const string StoppingLine = "stopping after this step, once more to end at once";

    /// <param name="quiet">The result only.</param>
    /// <param name="json">JSON lines.</param>
    /// <param name="log">A file that also receives the plain lines, or null.</param>
    public static ITrainingDisplay Create(bool quiet, bool json, string? log)
    {
        ITrainingDisplay shown = json ? new JsonDisplay(Console.Out)
            : quiet ? new QuietDisplay()
            : LivePanel.TryOpen(Console.Out, Console.IsOutputRedirected) is { } panel ? new LiveDisplay(panel)
            : new PlainDisplay(Say.Line);
        return log is null ? shown : new LoggedDisplay(shown, log);
    }
}
