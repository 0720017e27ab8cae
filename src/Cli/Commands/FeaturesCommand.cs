using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>features</c>: activations of any layer for images of any size, as numbers or as pictures.</summary>
internal static class FeaturesCommand
{
    private const int ImagesAtATime = 8;

    private static FeaturePictureOptions Defaults => new();

    public static Command Create()
    {
        var paths = new Argument<string[]>("paths") { Description = "Images, folders (searched with everything below), or patterns such as 'photos/*.jpg'.", Arity = ArgumentArity.OneOrMore };
        var modelPath = new Option<string>("--model") { Description = "The model, e.g. best.safetensors of a run.", Required = true, HelpName = "FILE|name" };
        var layer = new Option<string>("--layer") { Description = "A layer such as conv5 or fc6 (behind its activation; conv5.raw before it), pyramid, pool6x6; conv5@6 or conv5@1+2+3 pools its maps with those levels.", Required = true, HelpName = "name" };
        var view = new Option<FeatureView?>("--views") { Description = "full | crop | warp | ten (ten rows an image); by default full", HelpName = "name", CustomParser = Kebab.ParseOptional<FeatureView> };
        var minSide = new Option<int?>("--min-side") { Description = "Shorter side that images are resized to; by default that of the training.", HelpName = "pixels" };
        var output = new Option<string?>("--out") { Description = "FILE.csv or FILE.npy for the numbers.", HelpName = "FILE" };
        var pictures = new Option<string?>("--pictures") { Description = "Folder for pictures: heat maps, channels, the images that activate each filter most, and index.html.", HelpName = "DIR" };
        var filters = new Option<string?>("--filters") { Description = $"Filters shown in the pictures: how many of those with the strongest responses ({Defaults.Filters} if nothing is said), or which, counted from 0, such as 55,66,118 (one with a comma behind it).", HelpName = "n|list" };
        var top = new Option<int>("--top") { Description = "Images shown for each filter.", DefaultValueFactory = _ => 6, HelpName = "n" };
        var pretrained = new PretrainedSelection();
        var device = new DeviceSelection();
        var command = new Command("features", "Take the activations of a layer from images, as numbers or as pictures.") { paths, modelPath, layer, view, minSide, output, pictures, filters, top };
        pretrained.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(output) is null && parsed.GetValue(pictures) is null) throw new UsageException("features needs --out for numbers, --pictures for pictures, or both.");
            if (parsed.GetValue(top) < 1) throw new UsageException("--top must be at least 1.");
            FeaturePictureOptions shown = Filters(parsed.GetValue(filters)) with { Top = parsed.GetValue(top), MinimumSide = parsed.GetValue(minSide) };
            if (parsed.GetValue(minSide) < 1) throw new UsageException($"--min-side must be at least 1, not {parsed.GetValue(minSide)}.");
            OutputPlace.CheckFile("--out", parsed.GetValue(output), makesFolder: false, ".csv", ".npy");
            OutputPlace.CheckFolder("--pictures", parsed.GetValue(pictures));
            string weights = pretrained.FileOf(parsed, parsed.GetValue(modelPath)!, interrupt);
            IReadOnlyList<string> files = ImagePaths.Expand(parsed.GetValue(paths)!);
            using Backend backend = device.Open(parsed);
            using TrainedModel model = TrainedModel.Load(weights, backend);
            FeatureRequest request = FeatureRequest.Parse(parsed.GetValue(layer)!, model.Model.Network);
            int refused = 0;
            if (parsed.GetValue(output) is { } path)
            {
                using var extractor = new FeatureExtractor(model, [request], parsed.GetValue(view) ?? FeatureView.Full, parsed.GetValue(minSide));
                refused = Write(files, extractor, path, interrupt);
            }
            if (parsed.GetValue(pictures) is { } folder)
            {
                var book = new FeaturePictureBook(model, request, shown, new WarningLogger(Say.Error));
                refused = book.Write(files, folder, interrupt);
                Say.Line($"pictures of {request.Name}: {Path.Combine(folder, "index.html")}");
            }
            return refused == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    // A number of filters, or the numbers of some.
    private static FeaturePictureOptions Filters(string? text)
    {
        if (text is null) return Defaults;
        int[] numbers = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Wrong())];
        if (text.Contains(',', StringComparison.Ordinal)) return numbers.Length > 0 ? Defaults with { Numbers = numbers } : throw Wrong();
        return numbers is [> 0 and var count] ? Defaults with { Filters = count } : throw Wrong();

        UsageException Wrong() => new($"--filters takes a number of filters from 1, or the numbers of filters such as 55,66,118, not '{text}'.");
    }

    private static int Write(IReadOnlyList<string> files, FeatureExtractor extractor, string path, CancellationToken interrupt)
    {
        using var written = new FeatureFile(path);
        int refused = 0;
        foreach (string[] part in files.Chunk(ImagesAtATime))
        {
            interrupt.ThrowIfCancellationRequested();
            var images = new List<(string File, RgbImage Image)>();
            foreach (string file in part)
            {
                try
                {
                    RgbImage image = BackgroundWork.Wait(() => ImageDecoder.DecodeFile(file), interrupt);
                    if (image.Warning is { } warning) Say.Error($"warning: {file}: {warning}");
                    images.Add((file, image));
                }
                catch (Exception error) when (error is DataFormatException or IOException or UnauthorizedAccessException)
                {
                    // One bad file must not hide the others' features; the exit code tells.
                    Say.Error($"ilgpuspp: {error.Message}");
                    refused++;
                }
            }
            FeatureArray[][][] features = extractor.Extract([.. images.Select(image => image.Image)]);
            for (int i = 0; i < images.Count; i++)
                for (int row = 0; row < features[i].Length; row++)
                    written.Write(images[i].File, row, features[i][row][0]);
        }
        if (written.Rows == 0) throw new DataFormatException(path, "none of the images can be decoded");
        written.Complete();
        Say.Line($"{Counted.Of(written.Rows, "row")}: {path}");
        return refused;
    }
}
