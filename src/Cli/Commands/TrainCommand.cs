using IlgpuSpp.Cli.Training;
using IlgpuSpp.Distributed;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>train</c>: the main job. Without <c>--data</c> it draws its own data set and trains spp-small on it.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var options = new TrainArguments();
        var device = new DeviceSelection();
        var command = new Command("train", "Train a network on class folders, a CSV manifest, or (without --data) on a data set that is drawn on the spot.");
        options.AddTo(command);
        device.AddTo(command);
        CommandAction.SetSaving(command, (parsed, interrupt) => Run(parsed, options, device, interrupt));
        return command;
    }

    private static int Run(ParseResult parsed, TrainArguments arguments, DeviceSelection device, CancellationToken interrupt) =>
        arguments.Ranks.Run(parsed, ranks => Run(parsed, arguments, device, ranks, interrupt));

    private static int Run(ParseResult parsed, TrainArguments arguments, DeviceSelection device, ICollective ranks, CancellationToken interrupt)
    {
        TrainRequest request = BackgroundWork.Wait(() => arguments.Resolve(parsed, interrupt), interrupt);
        if (!request.Resume) request = request with { Command = string.Join(' ', parsed.Tokens.Select(token => Quoted(token.Value)).Prepend("ilgpuspp")) };
        if (ranks.LocalSize > 1 && request.Options.LoaderThreads == 0) request = request with { Options = request.Options with { LoaderThreads = TrainDefaults.LoaderThreads(ranks.LocalSize) } };
        // Rank 0 speaks for all.
        using ITrainingDisplay display = ranks.Rank == 0 ? arguments.OpenDisplay(parsed) : new PlainDisplay(_ => { });
        using CancellationTokenRegistration stopping = interrupt.Register(display.Stopping);
        foreach (string line in request.Recipe) display.Note(line);
        display.Phase(request.Data.Data is null ? "drawing shapes" : "looking through the images");
        var log = new WarningLogger(display.Note);
        (ImageDataset train, ImageDataset validation) = BackgroundWork.Wait(() => request.Data.Open(log), interrupt);
        display.Phase("opening the device");
        using Backend backend = device.Open(parsed, request.DeterministicExact, ranks);
        display.Phase("building the network");
        FineTuningStart? start = request.From is null ? null : FineTuning.Start(request.From, train.ClassNames, backend, request.Options.Seed, request.ModelOptions.Dropout, request.Head);
        using Model model = start?.Model ?? Build(request, train.ClassNames.Count, backend);
        model.Description = model.Description with { ClassNames = [.. train.ClassNames] };
        CheckSizes(request, model);
        DateTimeOffset started = DateTimeOffset.Now;
        FeatureCache? features = request.Options.FixedViews > 0 ? arguments.OpenFeatures(parsed, log) : null;
        var trainer = new Trainer(model, request.Options, log, display)
        {
            Features = features,
            Notes = request.ToNotes(),
            Ranks = ranks,
            InputNormalisation = request.KeepNormalisation ? start?.Preparation.Normalisation : null,
        };
        trainer.Check(train, validation);
        display.Started(new TrainingHeadline(request, backend.Device, model, train, validation, ranks));
        RunResult result = request.Resume
            ? trainer.Resume(train, validation, request.RunFolder, interrupt)
            : trainer.Fit(train, validation, request.RunFolder, request.Overwrite, interrupt);

        if (ranks.Rank == 0 && result.BestOrNull is not null && result.Outcome != RunOutcome.Interrupted)
        {
            const string Report = "writing the report";
            display.Phase(Report);
            try
            {
                RunReporter.Write(result, validation, request.TitleOf(model), backend, started, request.Command ?? "", new ReportProgress(display, Report, validation.Count), features, interrupt);
            }
            catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
            {
                display.Note("stopped before the report was written; the training itself is complete");
            }
        }
        if (result.HadEnded)
            display.Note($"the run had {(result.Outcome == RunOutcome.StoppedEarly ? "stopped early" : "ended")} after {Counted.Of(result.Epochs.Count, "epoch")}, so that nothing was trained; {(result.Outcome == RunOutcome.StoppedEarly ? "--patience 0 lets it go on" : "--extend N makes it longer by N epochs")}");
        display.Finished(result);
        return result.Outcome == RunOutcome.Interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    private sealed class ReportProgress(ITrainingDisplay display, string phase, int images) : IProgress<int>
    {
        public void Report(int value) => display.Phase(phase, value, images);
    }

    // As the shells of Unix and PowerShell read it.
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,+@%".Contains(letter, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void CheckSizes(TrainRequest request, Model model)
    {
        foreach (int size in request.Options.Sizes)
        {
            try
            {
                model.CheckInput(size, size);
            }
            catch (Exception refused) when (refused is InputTooSmallException or ShapeMismatchException)
            {
                throw new UsageException(model.TakesAnySize
                    ? $"--sizes: {size} is too small for {model.Description.Architecture}; the smallest that works is {model.SmallestSide}."
                    : $"--sizes: {model.Description.Name} without a pyramid takes {(Zoo.Contains(request.Model) ? Zoo.Find(request.Model).Size : model.SmallestSide)} only, not {size}.");
            }
        }
    }

    // A run that fine-tunes a network from elsewhere keeps the layers in its own checkpoint.
    private static Model Build(TrainRequest request, int classes, Backend backend) => request.Resume && !Zoo.Contains(request.Model)
        ? ModelFile.Load(new RunFolder(request.RunFolder).LastFile, backend)
        : Zoo.Create(request.Model, request.ModelOptions with { Classes = classes }, backend, request.Options.Seed);
}
