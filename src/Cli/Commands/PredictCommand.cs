using System.Globalization;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>predict</c>: names what images, folders or patterns show.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("paths") { Description = "Images, folders (searched with everything below), or patterns such as 'photos/*.jpg'.", Arity = ArgumentArity.OneOrMore };
        var modelPaths = new Option<string[]>("--model") { Description = "The model, e.g. best.safetensors of a run; given several times, the probabilities of all are averaged (the paper, section 3.1.6).", Required = true, HelpName = "FILE" };
        var top = new Option<int>("--top") { Description = "Classes named for each image.", DefaultValueFactory = _ => 5, HelpName = "k" };
        var view = new Option<string?>("--views") { Description = $"{ViewSelection.Names}; by default the full image where the network takes any size.", HelpName = "name" };
        var selection = new ViewSelection();
        var minSide = new Option<int?>("--min-side") { Description = "Shorter side that images are resized to; by default that of the training.", HelpName = "pixels" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var device = new DeviceSelection();
        var command = new Command("predict", "Name what images of any size show.") { paths, modelPaths, top, view, minSide, json };
        selection.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(top) < 1) throw new UsageException($"--top must be at least 1, not {parsed.GetValue(top)}.");
            ClassifierOptions options = Options(selection.Parse(parsed, parsed.GetValue(view) ?? "full"), parsed.GetValue(view) is null, parsed.GetValue(minSide));
            foreach (string path in parsed.GetValue(modelPaths)!) ModelPath.CheckClassifier(path, "detect run");
            IReadOnlyList<string> files = ImagePaths.Expand(parsed.GetValue(paths)!);
            using Backend backend = device.Open(parsed);
            using var classifier = new Ensemble(parsed.GetValue(modelPaths)!, backend, options);
            int refused = 0;
            foreach (string file in files)
            {
                interrupt.ThrowIfCancellationRequested();
                try
                {
                    RgbImage image = BackgroundWork.Wait(() => ImageDecoder.DecodeFile(file), interrupt);
                    if (image.Warning is { } warning) Say.Error($"warning: {file}: {warning}");
                    Show(file, image, classifier.Predict(image, parsed.GetValue(top)), parsed.GetValue(json));
                }
                catch (Exception error) when (error is DataFormatException or IOException or UnauthorizedAccessException)
                {
                    // One bad file must not hide the answers for the others; the exit code tells.
                    Say.Error($"ilgpuspp: {error.Message}");
                    refused++;
                }
            }
            return refused == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static ClassifierOptions Options(IReadOnlyList<IEvaluationView> views, bool byDefault, int? minSide) => views switch
    {
        _ when byDefault => new ClassifierOptions { MinimumSide = minSide },
        [CentreCropView] => new ClassifierOptions { View = EvaluationView.Crop, MinimumSide = minSide },
        [FullImageView] => new ClassifierOptions { View = EvaluationView.Full, MinimumSide = minSide },
        [AveragedEvaluation] when minSide is not null => throw new UsageException("--min-side belongs to the views crop and full; multi takes --scales."),
        [AveragedEvaluation averaged] => new ClassifierOptions { Views = averaged.Views },
        _ => throw new UsageException("--views of predict takes one name."),
    };

    private static void Show(string file, RgbImage image, IReadOnlyList<Guess> guesses, bool json)
    {
        if (json)
        {
            JsonLine.Write(new PredictionAnswer(file, image.Width, image.Height, [.. guesses.Select(guess => new PredictionAnswer.Guess(guess.ClassName, Math.Round(guess.Probability, 6)))]));
            return;
        }
        string answers = string.Join("  ", guesses.Select(guess => string.Create(CultureInfo.InvariantCulture, $"{guess.ClassName} {100 * guess.Probability:F1} %")));
        Say.Line($"{file} ({image.Width}x{image.Height}): {answers}");
    }
}
