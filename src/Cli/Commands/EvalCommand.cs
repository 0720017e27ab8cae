using System.CommandLine;
using System.Globalization;
using IlgpuSpp.Cli.Output;
using IlgpuSpp.Cli.Training;
using IlgpuSpp.Data;
using IlgpuSpp.Engine;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>eval</c>: accuracy of a trained model on labelled images.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var modelPath = new Option<string>("--model") { Description = "The model, e.g. best.safetensors of a run.", Required = true, HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "Class folders or a CSV manifest; without it the validation part of the shapes data set.", HelpName = "DIR|CSV" };
        var part = new Option<double?>("--split") { Description = "Use only what a seeded split with this training share would hold out, as train does.", HelpName = "share" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of that split and of the shapes.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var views = new Option<string>("--views") { Description = "What the network sees: crop | full", DefaultValueFactory = _ => "crop", HelpName = "name" };
        var batch = new Option<int>("--batch") { Description = "Most images a pass.", DefaultValueFactory = _ => 32, HelpName = "n" };
        var undecodable = new Option<double>("--max-undecodable") { Description = "Largest share of images that may be left out because they cannot be decoded.", DefaultValueFactory = _ => 0.05, HelpName = "share" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var device = new DeviceSelection();
        var command = new Command("eval", "Measure top-1, top-5, loss and per-class accuracy of a model.") { modelPath, data, part, seed, views, batch, undecodable, json };
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            using IBackend backend = device.Open(parsed);
            using TrainedModel model = TrainedModel.Load(parsed.GetValue(modelPath)!, backend);
            ImageDataset images = Open(parsed.GetValue(data), parsed.GetValue(part), parsed.GetValue(seed), model);
            using var evaluator = new Evaluator(model, new EvaluatorOptions { BatchSize = parsed.GetValue(batch), MaxUndecodableShare = parsed.GetValue(undecodable) });
            EvaluationResult result = evaluator.Evaluate(images, View(parsed.GetValue(views)!), null, interrupt);
            if (parsed.GetValue(json))
                JsonLine.Write(new { result.Images, result.Top1, result.Top5, result.Loss, result.Seconds, View = result.View, MeanClassAccuracy = result.Confusion.MeanClassAccuracy, Undecodable = result.Undecodable.Count });
            else
                Print(result);
            return ExitCode.Done;
        });
        return command;
    }

    private static ImageDataset Open(string? data, double? share, ulong seed, TrainedModel model)
    {
        if (data is null) return new DataRequest { Seed = seed }.Open().Validation.WithClasses(model.ClassNames);
        ImageDataset all = ImageDataset.OpenWithClasses(data, model.ClassNames);
        if (share is null) return all;
        return share is > 0 and < 1 ? all.Split(share.Value, seed).Validation : throw new UsageException($"--split must be between 0 and 1, not {share}.");
    }

    private static EvaluationView View(string name) => name switch
    {
        "crop" => EvaluationView.Crop,
        "full" => EvaluationView.Full,
        _ => throw new UsageException($"--views is crop or full, not '{name}'."),
    };

    private static void Print(EvaluationResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        int width = Math.Max(5, result.ClassNames.Max(name => name.Length));
        Console.WriteLine($"{"class".PadRight(width)}  images  correct  accuracy");
        for (int label = 0; label < result.ClassNames.Count; label++)
        {
            int images = result.Confusion.ImagesOf(label);
            string accuracy = images == 0 ? "-" : (100 * result.Confusion.AccuracyOf(label)).ToString("F1", culture) + " %";
            Console.WriteLine(string.Create(culture, $"{result.ClassNames[label].PadRight(width)}  {images,6}  {result.Confusion[label, label],7}  {accuracy,8}"));
        }
        foreach (string name in result.Undecodable) Console.Error.WriteLine($"ilgpuspp: skipped, cannot be decoded: {name}");
        Console.WriteLine(string.Create(culture, $"{result.Images} images ({result.View}): top-1 {100 * result.Top1:F2} %, top-5 {100 * result.Top5:F2} %, loss {result.Loss:F4}, {result.Seconds:F2} s"));
    }
}
