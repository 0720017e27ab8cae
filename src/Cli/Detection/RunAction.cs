using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect run</c>: finds objects in images, draws boxes, writes CSV and JSON.</summary>
internal static class RunAction
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("paths") { Description = "Images, folders or patterns.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--out") { Description = "Folder of the images with named boxes (PNG), detections.csv and detections.json.", HelpName = "DIR" };
        var least = new Option<double?>("--min-score") { Description = "Smallest score shown; without it what is right with a probability of at least a half (-0.5 of support vector machines that know no probabilities).", HelpName = "score" };
        var spreadsheet = new Option<bool>("--spreadsheet-safe") { Description = "In detections.csv, put an apostrophe before names that a spreadsheet would run as a formula (=, +, - or @ in front)." };
        var json = new Option<bool>("--json") { Description = "One JSON object an image." };
        var detectors = new DetectorSelection();
        var device = new DeviceSelection();
        var command = new Command("run", "Find objects in images.") { paths, output, least, spreadsheet, json };
        detectors.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            WindowScoring? asked = detectors.Scoring(parsed);
            OutputPlace.CheckFolder("--out", parsed.GetValue(output));
            if (parsed.GetValue(spreadsheet) && parsed.GetValue(output) is null) throw new UsageException("--spreadsheet-safe is for detections.csv; add --out.");
            var warnings = WarningLogger.OfData(Say.Error);
            IReadOnlyList<string> files = ImagePaths.Expand(parsed.GetValue(paths)!);
            using Backend backend = device.Open(parsed);
            using Detector detector = detectors.Open(parsed, backend, warnings, keepProposals: false);
            return Run(detector, files, detector.Scoring(asked), parsed.GetValue(least), parsed.GetValue(output), parsed.GetValue(spreadsheet), parsed.GetValue(json), interrupt);
        });
        return command;
    }

    private static int Run(Detector detector, IReadOnlyList<string> files, WindowScoring scoring, double? least, string? output, bool spreadsheetSafe, bool json, CancellationToken interrupt)
    {
        var names = new List<AnnotatedImage>();
        var all = new List<ScoredBox>();
        var lines = new List<string>();
        int failed = 0;
        if (output is not null) Directory.CreateDirectory(output);
        foreach (string file in files)
        {
            interrupt.ThrowIfCancellationRequested();
            RgbImage image;
            IReadOnlyList<ScoredBox> found;
            try
            {
                image = BackgroundWork.Wait(() => ImageDecoder.DecodeFile(file), interrupt);
                if (image.Warning is { } warning) Say.Error($"warning: {file}: {warning}");
                found = least is null
                    ? detector.DetectLikely(image, scoring, imageIndex: names.Count, file: file)
                    : detector.Detect(image, new DetectionOptions { Scoring = scoring, MinimumScore = least }, names.Count, file).Boxes;
            }
            catch (Exception error) when (error is DataFormatException or DatasetException or IOException)
            {
                Say.Error($"ilgpuspp: {error.Message}");
                failed++;
                continue;
            }
            names.Add(new AnnotatedImage(file, names.Count, image.Width, image.Height, []));
            all.AddRange(found);
            string line = Line(file, image, found, detector, scoring);
            lines.Add(line);
            if (json) Console.WriteLine(line);
            else
                foreach (ScoredBox box in found)
                    Say.Line(FormattableString.Invariant($"{file}: {detector.ClassNames[box.Label]} {Shown(box):0.000} at {box.Box.Left + 1:0},{box.Box.Top + 1:0},{box.Box.Right + 1:0},{box.Box.Bottom + 1:0}"));
            if (output is not null) ImageWriter.WritePng(Path.Combine(output, PictureName(file, names.Count)), BoxDrawing.Named(image, [.. found.OrderByDescending(Shown).Select(box => (box.Box, FormattableString.Invariant($"{detector.ClassNames[box.Label]} {Shown(box):0.00}"), box.Label))]));
        }
        if (output is not null)
        {
            DetectionsCsv.Write(Path.Combine(output, "detections.csv"), new DetectionDataset("images", detector.ClassNames, names, new FileImageSource(".", [.. names.Select(n => n.Name)])), all, spreadsheetSafe);
            byte[] content = System.Text.Encoding.UTF8.GetBytes($"[{string.Join(",\n", lines)}]\n");
            AtomicFile.Write(Path.Combine(output, "detections.json"), stream => stream.Write(content));
        }
        return failed > 0 ? ExitCode.Failed : ExitCode.Done;

        double Shown(ScoredBox box) => detector.Probability(box, scoring) ?? box.Score;
    }

    // Corners are counted from 1, as in the CSV files.
    private static string Line(string file, RgbImage image, IReadOnlyList<ScoredBox> found, Detector detector, WindowScoring scoring) => JsonLine.Of(new DetectionsAnswer(
        file, image.Width, image.Height,
        [.. found.Select(box => new DetectionsAnswer.Detection(
            detector.ClassNames[box.Label], Math.Round(box.Score, 5), detector.Probability(box, scoring) is { } probability ? Math.Round(probability, 5) : null,
            Math.Round(box.Box.Left + 1, 2), Math.Round(box.Box.Top + 1, 2), Math.Round(box.Box.Right + 1, 2), Math.Round(box.Box.Bottom + 1, 2)))]));

    // Images of one name in different folders must not overwrite each other.
    private static string PictureName(string file, int number) => FormattableString.Invariant($"{number:D4}-{Path.GetFileNameWithoutExtension(file)}.png");
}

internal sealed record DetectionsAnswer(string File, int Width, int Height, IReadOnlyList<DetectionsAnswer.Detection> Detections)
{
    internal sealed record Detection(string Class, double Score, double? Probability, double X1, double Y1, double X2, double Y2);
}
