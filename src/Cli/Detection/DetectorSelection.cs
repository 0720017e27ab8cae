using IlgpuSpp.Cli.Commands;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The options of commands that use trained detectors: which, on which windows, scored by what.</summary>
internal sealed class DetectorSelection
{
    private const double DefaultShare = 0.2;

    private readonly Option<string[]> _models = new("--model") { Description = "Run folder of detect train; given several times, all score the same windows and the best of all are kept (the paper, section 4.4).", DefaultValueFactory = _ => [TrainAction.DefaultRun], HelpName = "RUN" };
    private readonly Option<string?> _proposals = ProposalSettings.MethodOption("; without it as in training");
    private readonly Option<int?> _most = ProposalSettings.MostOption();
    private readonly Option<string?> _cascade = new("--cascade") { Description = "A detector that 'models compress' made from --model: its head scores all windows, and only those with its highest scores go through the whole head. 'detect test' tells how many objects are left to be found.", HelpName = "FILE" };
    private readonly Option<double?> _share = new("--share") { Description = "Share of the windows behind --cascade, above 0 and below 1; without it 0.2.", HelpName = "share" };
    private readonly Option<string?> _scores = new("--scores") { Description = "What scores windows: svm | softmax; without it what the detector was trained with.", HelpName = "name" };

    public void AddTo(Command command)
    {
        command.Add(_models);
        command.Add(_proposals);
        command.Add(_most);
        command.Add(_scores);
        command.Add(_cascade);
        command.Add(_share);
    }

    /// <summary>The folders of the runs.</summary>
    public IReadOnlyList<string> Folders(ParseResult parsed) => [.. parsed.GetValue(_models)!.Select(run => Directory.Exists(run) ? run : Path.GetDirectoryName(Path.GetFullPath(run))!)];

    /// <summary>Opens the detectors.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="backend">Where they run.</param>
    /// <param name="logger">Receives warnings.</param>
    /// <param name="keepProposals">Whether windows are kept in the folder of the first run.</param>
    public Detector Open(ParseResult parsed, Backend backend, ILogger logger, bool keepProposals)
    {
        string[] models = parsed.GetValue(_models)!;
        IReadOnlyList<string> folders = Folders(parsed);
        if (parsed.GetValue(_share) is not null && parsed.GetValue(_cascade) is null) throw new UsageException("--share is for --cascade, which is not given.");
        WindowCascade? cascade = parsed.GetValue(_cascade) is { } first ? new WindowCascade(first, parsed.GetValue(_share) ?? DefaultShare) : null;
        string? missing = models.Append(cascade?.Path).OfType<string>().FirstOrDefault(model => !Directory.Exists(model) && !File.Exists(model));
        if (missing is not null) throw new UsageException($"there is no run folder or detector '{missing}'; check {(missing == cascade?.Path ? "--cascade" : "--model")}, or make one with 'detect train'.");
        foreach (string model in models)
        {
            if (Directory.Exists(model) && !Detector.IsFinished(model)) throw new UsageException($"{model} holds no finished detector; run its 'detect train' again to go on, or check --model.");
            Detector.Check(model);
        }
        ProposalPlan settings = ProposalSettings.Read(folders, parsed.GetValue(_proposals)).With(parsed.GetValue(_proposals), parsed.GetValue(_most));
        return Detector.Load(models, backend, settings.Open(keepProposals ? folders[0] : null, logger), cascade);
    }

    /// <summary>What scores windows, or null where the detectors decide.</summary>
    public WindowScoring? Scoring(ParseResult parsed) => ParseScoring(parsed.GetValue(_scores));

    /// <summary>Reads a value of --scores; null stays null.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static WindowScoring? ParseScoring(string? name) => name switch
    {
        null => null,
        "svm" => WindowScoring.Svm,
        "softmax" => WindowScoring.Softmax,
        _ => throw new UsageException($"--scores is svm or softmax, not '{name}'."),
    };
}
