using System.CommandLine;
using System.Globalization;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Data;
using IlgpuSpp.Detection;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect proposals</c>: the windows of a data set as a table, and how many of its objects they cover.</summary>
internal static class ProposalsAction
{
    private static readonly double[] Overlaps = [0.5, 0.7];
    private static readonly int[] Counts = [100, 500, 1000, 2000];

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "VOC folder, COCO .json or .csv.", Required = true, HelpName = "VOC" };
        var set = new Option<string?>("--set") { Description = "Set of a VOC folder; without it all annotations.", HelpName = "name" };
        var output = new Option<string?>("--out") { Description = "Table of the windows, for --proposals of the other commands.", HelpName = "CSV" };
        Option<string?> proposals = ProposalSettings.MethodOption("; without it fast");
        Option<int?> most = ProposalSettings.MostOption();
        var command = new Command("proposals", "Find windows that may hold objects; write them as a table and count the objects they cover.") { data, set, output, proposals, most };
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            var warnings = new StandardErrorLogger();
            IProposalMethod method = ProposalSettings.Photographs.With(parsed.GetValue(proposals), parsed.GetValue(most)).Open(null, warnings);
            string path = parsed.GetValue(data)!;
            DetectionDataset images = parsed.GetValue(set) is { } name ? DetectionData.OpenTest(path, name, warnings) : Directory.Exists(path) ? VocFolder.Open(path, null, warnings) : DetectionData.OpenTest(path, null, warnings);
            method.Check([.. images.Images.Select(image => image.Name)]);
            var recall = new ProposalRecall();
            var found = new List<KeyValuePair<string, IReadOnlyList<PixelBox>>>();
            for (int i = 0; i < images.Images.Count; i++)
            {
                interrupt.ThrowIfCancellationRequested();
                AnnotatedImage image = images.Images[i];
                try
                {
                    IReadOnlyList<PixelBox> boxes = method.Propose(images.Load(i), image.Name);
                    recall.Add(boxes, [.. image.Objects.Where(item => !item.Difficult).Select(item => item.Box)]);
                    found.Add(new(image.Name, boxes));
                }
                catch (Exception error) when (error is DataFormatException or IOException)
                {
                    Console.Error.WriteLine($"warning: {image.Name} cannot be read ({error.Message}); it is left out.");
                }
            }
            if (parsed.GetValue(output) is { } table) ProposalTable.Write(table, found);
            Print(method.Name, recall);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(string name, ProposalRecall recall)
    {
        var culture = CultureInfo.InvariantCulture;
        Console.WriteLine(string.Create(culture, $"{name}: {recall.MeanProposals:0} windows an image in {recall.Images} images; share of {recall.Objects} objects covered"));
        if (recall.Objects == 0) return;
        Console.WriteLine($"{"windows",-10}{string.Concat(Counts.Select(count => count.ToString(culture).PadLeft(8)))}{"all",8}");
        foreach (double overlap in Overlaps)
            Console.WriteLine(string.Create(culture, $"{"IoU " + overlap.ToString("0.0", culture),-10}{string.Concat(Counts.Append(int.MaxValue).Select(count => recall.At(overlap, count).ToString("0.000", culture).PadLeft(8)))}"));
    }
}
