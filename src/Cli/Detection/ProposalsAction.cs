using System.Diagnostics;
using System.Globalization;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect proposals</c>: the windows of a data set as a table, how many of its objects they cover, and the time they take.</summary>
internal static class ProposalsAction
{
    private static readonly double[] Overlaps = [0.5, 0.7];
    private static readonly int[] Counts = [100, 300, 1000, 2000];

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = $"{AnnotationSelection.Formats}.", Required = true, HelpName = "VOC" };
        var annotations = new AnnotationSelection("all annotations");
        var output = new Option<string?>("--out") { Description = "Table of the windows, for --proposals of the other commands.", HelpName = "CSV" };
        Option<string?> proposals = ProposalSettings.MethodOption("; without it fast");
        Option<int?> most = ProposalSettings.MostOption();
        var against = new Option<string?>("--against") { Description = "Another table of windows, to compare with at an equal number of windows in every image.", HelpName = "CSV" };
        var threads = new Option<int>("--threads") { Description = "Threads of selective search; 0 for one a processor.", HelpName = "n" };
        var command = new Command("proposals", "Find windows that may hold objects; write them as a table and count the objects they cover.") { data, output, proposals, most, against, threads };
        annotations.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(threads) < 0) throw new UsageException("--threads must be at least 0.");
            OutputPlace.CheckFile("--out", parsed.GetValue(output));
            var warnings = WarningLogger.OfData(Say.Error);
            IProposalMethod method = ProposalSettings.Photographs.With(parsed.GetValue(proposals), parsed.GetValue(most)).Open(null, warnings, parsed.GetValue(threads));
            IProposalMethod? other = parsed.GetValue(against) is { } file ? new TableProposals(ProposalTable.Read(file), 0) : null;
            string path = parsed.GetValue(data)!;
            DetectionDataset images = DetectionData.OpenAll(path, annotations.Options(parsed), warnings);
            string[] names = [.. images.Images.Select(image => image.Name)];
            method.Check(names);
            other?.Check(names);
            ProposalRecall recall = new(), equal = new(), equalOther = new();
            var found = new List<KeyValuePair<string, IReadOnlyList<PixelBox>>>();
            var milliseconds = new List<double>();
            for (int i = 0; i < images.Images.Count; i++)
            {
                interrupt.ThrowIfCancellationRequested();
                AnnotatedImage image = images.Images[i];
                try
                {
                    RgbImage pixels = images.Load(i);
                    long start = Stopwatch.GetTimestamp();
                    IReadOnlyList<PixelBox> boxes = method.Propose(pixels, image.Name);
                    milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    PixelBox[] objects = [.. image.Objects.Where(item => !item.Ignored).Select(item => item.Box)];
                    recall.Add(boxes, objects);
                    found.Add(new(image.Name, boxes));
                    if (other?.Propose(pixels, image.Name) is not { } theirs) continue;
                    int count = Math.Min(boxes.Count, theirs.Count);
                    equal.Add([.. boxes.Take(count)], objects);
                    equalOther.Add([.. theirs.Take(count)], objects);
                }
                catch (Exception error) when (error is DataFormatException or IOException)
                {
                    Say.Error($"warning: {image.Name} cannot be read ({error.Message}); it is left out.");
                    found.Add(new(image.Name, []));
                }
            }
            if (parsed.GetValue(output) is { } table) ProposalTable.Write(table, found);
            Print(method.Name, recall, milliseconds);
            if (other is not null) PrintEqual(method.Name, equal, parsed.GetValue(against)!, equalOther);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(string name, ProposalRecall recall, List<double> milliseconds)
    {
        var culture = CultureInfo.InvariantCulture;
        double median = milliseconds.Count == 0 ? 0 : milliseconds.Order().ElementAt(milliseconds.Count / 2);
        Say.Line(string.Create(culture, $"{name}: {recall.MeanProposals:0} windows an image in {Counted.Of(recall.Images, "image")}, {median:0} ms an image (median); share of {Counted.Of(recall.Objects, "object")} covered"));
        if (recall.Objects == 0) return;
        Say.Line($"{"windows",-10}{string.Concat(Counts.Select(count => count.ToString(culture).PadLeft(8)))}{"all",8}");
        foreach (double overlap in Overlaps)
            Say.Line(string.Create(culture, $"{"IoU " + overlap.ToString("0.0", culture),-10}{string.Concat(Counts.Append(int.MaxValue).Select(count => recall.At(overlap, count).ToString("0.000", culture).PadLeft(8)))}"));
    }

    private static void PrintEqual(string name, ProposalRecall own, string table, ProposalRecall other)
    {
        if (own.Objects == 0) return;
        Say.Line(string.Create(CultureInfo.InvariantCulture, $"with as many windows of each in every image ({own.MeanProposals:0} on average):"));
        foreach (double overlap in Overlaps)
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"IoU {overlap:0.0}   {name} {own.At(overlap):0.000}, {Path.GetFileName(table)} {other.At(overlap):0.000}"));
    }
}
