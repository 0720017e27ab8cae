using System.Globalization;
using IlgpuSpp.Cli.Training;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>eval</c>: accuracy of a trained model on labelled images.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var modelPaths = new Option<string[]>("--model") { Description = "The model, e.g. best.safetensors of a run; given several times, the probabilities of all are averaged (the paper, section 3.1.6).", Required = true, HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "Class folders or a CSV manifest, in a .zip or .tar too; without it the validation part of the shapes data set.", HelpName = "DIR|CSV" };
        var outside = new Option<bool>("--allow-outside") { Description = "Let a CSV manifest name images outside its folder." };
        var part = new Option<double?>("--split") { Description = "Use only what a seeded split with this training share would hold out, as train does.", HelpName = "share" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of that split and of the shapes.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var views = new Option<string?>("--views") { Description = $"What the network sees: {ViewSelection.Names}, or a list of them for one table; by default that of train: full where the network takes any size, else crop.", HelpName = "names" };
        var selection = new ViewSelection();
        var batch = new Option<int>("--batch") { Description = "Most images a pass.", DefaultValueFactory = _ => 32, HelpName = "n" };
        var undecodable = new Option<double>("--max-undecodable") { Description = "Largest share of images that may be left out because they cannot be decoded.", DefaultValueFactory = _ => 0.05, HelpName = "share" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var device = new DeviceSelection();
        var command = new Command("eval", "Measure top-1, top-5, loss and per-class accuracy of a model.") { modelPaths, data, outside, part, seed, views, batch, undecodable, json };
        selection.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            IReadOnlyList<IEvaluationView> wanted = selection.Parse(parsed, parsed.GetValue(views) ?? "full");
            foreach (string path in parsed.GetValue(modelPaths)!) ModelPath.CheckClassifier(path, "detect test");
            using Backend backend = device.Open(parsed);
            using var ensemble = new Ensemble(parsed.GetValue(modelPaths)!, backend);
            IReadOnlyList<TrainedModel> models = ensemble.Models;
            if (parsed.GetValue(views) is null && models.Any(model => !model.Model.TakesAnySize)) wanted = selection.Parse(parsed, "crop");
            foreach (IEvaluationView view in wanted)
                foreach (TrainedModel model in models) view.Check(model);
            ImageDataset images = Open(parsed.GetValue(data), parsed.GetValue(outside), parsed.GetValue(part), parsed.GetValue(seed), models[0].ClassNames);
            using var evaluator = new Evaluator(models, new EvaluatorOptions { BatchSize = parsed.GetValue(batch), MaxUndecodableShare = parsed.GetValue(undecodable) }, features: new FeatureCache(CacheCommand.FeatureFolder, logger: WarningLogger.OfData(Say.Error)));
            using var display = new StageDisplay(parsed.GetValue(json) || Console.IsErrorRedirected, interrupt);
            var results = new List<EvaluationResult>();
            foreach (IEvaluationView view in wanted)
            {
                EvaluationResult result = evaluator.Evaluate(images, view, new Stage(display, $"evaluating, {view.Name}", images.Count), interrupt);
                display.Clear();
                results.Add(result);
                if (parsed.GetValue(json))
                    JsonLine.Write(new EvaluationAnswer(result.Images, result.Top1, result.Top5, result.Loss, result.Seconds, result.View, result.Confusion.MeanClassAccuracy, result.Undecodable.Count));
                else if (wanted.Count == 1)
                    Print(result);
                else
                    PrintRow(result, first: results.Count == 1);
            }
            if (results.Find(r => r.View == "multi") is { } pooled && results.Find(r => r.View == "multi-crops") is { } cut)
                ShowAgreement(pooled, cut, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private sealed class Stage(StageDisplay display, string name, int images) : IProgress<int>
    {
        public void Report(int value) => display.Report(name, value, images);
    }

    private static ImageDataset Open(string? data, bool allowOutside, double? share, ulong seed, IReadOnlyList<string> classNames)
    {
        if (data is null)
        {
            ImageDataset shapes = new DataRequest { Seed = seed }.Open().Validation;
            if (shapes.ClassNames.Except(classNames).Any())
                throw new UsageException($"the model's classes are {Shortened(classNames)}; name images of them with --data (without it eval draws shapes).");
            return shapes.WithClasses(classNames);
        }
        ImageDataset all = ImageDataset.OpenWithClasses(data, classNames, WarningLogger.OfData(Say.Error), allowOutside);
        if (share is null) return all;
        return share is > 0 and < 1 ? all.Split(share.Value, seed).Validation : throw new UsageException($"--split must be between 0 and 1, not {share}.");
    }

    private static string Shortened(IReadOnlyList<string> names) =>
        names.Count <= 6 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more";

    private static void PrintRow(EvaluationResult result, bool first)
    {
        if (first) Say.Line("view              images     top-1     top-5     loss   seconds");
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"{result.View,-16}  {result.Images,6}  {100 * result.Top1,6:F2} %  {100 * result.Top5,6:F2} %  {result.Loss,7:F4}  {result.Seconds,8:F2}"));
        foreach (string name in result.Undecodable) Say.Error($"ilgpuspp: skipped, cannot be decoded: {name}");
    }

    private static void ShowAgreement(EvaluationResult pooled, EvaluationResult cut, bool json)
    {
        ViewAgreement agreement = ViewAgreement.Of(pooled, cut);
        if (json)
            JsonLine.Write(new AgreementAnswer(agreement.SameClass, agreement.MeanDifference, agreement.LargestDifference, cut.Seconds / pooled.Seconds));
        else
            Say.Line(string.Create(CultureInfo.InvariantCulture,
                $"multi and multi-crops: same class for {100 * agreement.SameClass:F2} % of {Counted.Of(agreement.Images, "image")}, probability of the label {agreement.MeanDifference:F4} apart on average ({agreement.LargestDifference:F4} at most), multi {cut.Seconds / pooled.Seconds:F1} times as fast"));
    }

    private static void Print(EvaluationResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        int width = Math.Max(5, result.ClassNames.Max(name => name.Length));
        Say.Line($"{"class".PadRight(width)}  images  correct  accuracy");
        for (int label = 0; label < result.ClassNames.Count; label++)
        {
            int images = result.Confusion.ImagesOf(label);
            string accuracy = images == 0 ? "-" : (100 * result.Confusion.AccuracyOf(label)).ToString("F1", culture) + " %";
            Say.Line(string.Create(culture, $"{result.ClassNames[label].PadRight(width)}  {images,6}  {result.Confusion[label, label],7}  {accuracy,8}"));
        }
        foreach (string name in result.Undecodable) Say.Error($"ilgpuspp: skipped, cannot be decoded: {name}");
        Say.Line(string.Create(culture, $"{Counted.Of(result.Images, "image")} ({result.View}): top-1 {100 * result.Top1:F2} %, top-5 {100 * result.Top5:F2} %, loss {result.Loss:F4}, {result.Seconds:F2} s"));
    }
}
