using System.Globalization;
using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Cli.Training;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Finds the smallest ranks that lose no more of a model's accuracy than allowed, by trying them on labelled images.</summary>
internal sealed class RankSearch
{
    private const int Steps = 13;

    private readonly string _model, _trial, _data;
    private readonly Backend _backend;
    private readonly CancellationToken _interrupt;
    private readonly Func<string, double> _measure;
    private readonly string _unit;

    /// <summary>Opens the labelled images.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="output">The file that will be written; trials are written beside it and removed.</param>
    /// <param name="data">The labelled images.</param>
    /// <param name="backend">Where models run.</param>
    /// <param name="interrupt">Stops it.</param>
    public RankSearch(string model, string output, string data, Backend backend, CancellationToken interrupt)
    {
        (_model, _trial, _data, _backend, _interrupt) = (model, output + ".trial", data, backend, interrupt);
        bool detector = Detector.IsIn(model);
        (_measure, _unit) = detector ? (OfDetector(), "mAP") : (OfClassifier(), "accuracy");
    }

    /// <summary>Plans with a number for every layer, of those without one a falling share of the largest rank that saves work: all of it, then 1/√2 of the one before, down to 1/64.</summary>
    /// <param name="root">The network's layers.</param>
    /// <param name="plan">What was asked for.</param>
    public static CompressionPlan[] Ladder(Layer root, CompressionPlan plan) =>
    [
        .. Enumerable.Range(0, Steps).Select(step => plan with
        {
            Ranks = [.. plan.Ranks.Select(layer => layer.Rank == CompressionSelection.Sought ? layer with { Rank = Math.Max(1, (int)(LinearCompression.LargestRank(root, layer.Layer) * Math.Pow(0.5, 0.5 * step))) } : layer)],
        }),
    ];

    /// <summary>The smallest ranks of a ladder that lose no more than allowed; smaller ranks are taken to lose more.</summary>
    /// <param name="points">Points that may be lost.</param>
    /// <param name="ladder">The plans, the largest ranks first.</param>
    /// <param name="save">Writes a model that is compressed by a plan.</param>
    /// <exception cref="UsageException">Even the largest ranks lose more.</exception>
    public CompressionPlan Smallest(double points, CompressionPlan[] ladder, Action<CompressionPlan, string, IProgress<CompressedLayer>?> save)
    {
        double whole = _measure(_model);
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"as it is: {_unit} {whole:0.0} % on {_data}"));
        int kept = -1;
        try
        {
            for (int lost = ladder.Length; lost - kept > 1;)
            {
                int middle = (kept + lost) / 2;
                save(ladder[middle], _trial, null);
                double measured = _measure(_trial), missing = whole - measured;
                bool fits = missing <= points;
                Say.Line(string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", ladder[middle].Ranks.Select(layer => $"{layer.Layer}={layer.Rank}"))}: {measured:0.0} %, {Math.Abs(missing):0.0} points {(missing < 0 ? "more" : "less")}{(fits ? "" : ", too much")}"));
                if (fits) kept = middle;
                else lost = middle;
            }
        }
        finally
        {
            File.Delete(_trial);
        }
        return kept >= 0 ? ladder[kept] : throw new UsageException($"no rank that saves work keeps {_unit} within {points.ToString(CultureInfo.InvariantCulture)} points on {_data}; allow more, or compress fewer layers.");
    }

    private Func<string, double> OfDetector()
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(_model))!;
        var warnings = WarningLogger.OfData(Say.Error);
        DetectionDataset images = BackgroundWork.Wait(() => DetectionData.OpenTest(_data, logger: warnings), _interrupt);
        IProposalMethod proposals = ProposalSettings.Read([folder], null).Open(folder, warnings);
        return file =>
        {
            using Detector detector = Detector.Load(file, _backend, proposals);
            using var display = new StageDisplay(false, _interrupt);
            double found = DetectorTest.Run(detector, images, logger: warnings, progress: new ProgressLines(display), cancellation: _interrupt).Score.Map11;
            display.Clear();
            return 100 * found;
        };
    }

    private Func<string, double> OfClassifier()
    {
        ImageDataset? images = null;
        return file =>
        {
            using TrainedModel model = TrainedModel.Load(file, _backend);
            images ??= ImageDataset.OpenWithClasses(_data, model.ClassNames, WarningLogger.OfData(Say.Error), false);
            using var evaluator = new Evaluator([model]);
            return 100 * evaluator.Evaluate(images, model.Model.TakesAnySize ? EvaluationView.Full : EvaluationView.Crop, cancellationToken: _interrupt).Top1;
        };
    }
}
