using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect test</c>: mean average precision of a detector, or of several together; the same command again goes on with an interrupted test.</summary>
internal static class TestAction
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = $"{AnnotationSelection.Formats}; without it the drawn scenes' test part.", HelpName = "VOC" };
        var annotations = new AnnotationSelection("test, or val, or all");
        var plain = new Option<bool>("--no-box-regression") { Description = "Leave boxes as they are proposed." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the drawn scenes, as in training.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var shapes = new Option<int>("--shapes") { Description = "Drawn scenes that were trained on.", DefaultValueFactory = _ => ShapesScenes.TrainImages, HelpName = "n" };
        var output = new Option<string?>("--out") { Description = "Folder of detections.csv and report.html; without it the run folder.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var detectors = new DetectorSelection();
        var device = new DeviceSelection();
        var command = new Command("test", "Measure a detector: VOC's 11-point and area mAP, COCO's AP, causes of false positives, times; run the same command again to go on with an interrupted test.");
        detectors.AddTo(command);
        foreach (Option option in (Option[])[data, plain, seed, shapes, output, json]) command.Add(option);
        device.AddTo(command);
        annotations.AddTo(command);
        CommandAction.SetSaving(command, (parsed, interrupt) =>
        {
            IReadOnlyList<string> folders = detectors.Folders(parsed);
            string target = parsed.GetValue(output) ?? (folders.Count == 1 ? folders[0] : throw new UsageException("several models need --out: a folder for detections.csv and report.html."));
            OutputPlace.CheckFolder("--out", parsed.GetValue(output));
            WindowScoring? scoring = detectors.Scoring(parsed);
            using var display = new StageDisplay(parsed.GetValue(json), interrupt);
            var warnings = WarningLogger.OfData(display.Note);
            DetectionDataset images = parsed.GetValue(data) is { } path
                ? BackgroundWork.Wait(() => DetectionData.OpenTest(path, annotations.Options(parsed), warnings), interrupt)
                : ShapesScenes.Create(parsed.GetValue(shapes), ShapesScenes.TestImages, parsed.GetValue(seed)).Test;
            using Backend backend = device.Open(parsed);
            using Detector detector = BackgroundWork.Wait(() => detectors.Open(parsed, backend, warnings, keepProposals: true), interrupt);
            var options = new DetectionOptions { Scoring = detector.Scoring(scoring), RegressBoxes = !parsed.GetValue(plain) };
            Directory.CreateDirectory(target);
            using var journal = new DetectionJournal(target, detector, images, options, warnings);
            if (journal.Count > 0) display.Note($"{journal.Count} of {Counted.Of(images.Images.Count, "image")} tested before; going on");
            DetectorTestResult result = DetectorTest.Run(detector, images, options, journal, warnings, new ProgressLines(display), interrupt);
            display.Clear();
            // Printed before the files are written: a full disk costs only these.
            if (parsed.GetValue(json))
            {
                ScoreOutput.WriteJson(result.Score, result.Times, cascade: result.Cascade);
            }
            else
            {
                ScoreOutput.Print(result.Score);
                if (result.Cascade is { } recall) ScoreOutput.Print(recall);
                ScoreOutput.Print(result.Times, result.Score.Images, KeptWindows(detector.Proposals));
            }
            DetectionsCsv.Write(Path.Combine(target, "detections.csv"), result.Data, result.Detections);
            new DetectionReport(detector, folders, options.Scoring!.Value, result).Write(Path.Combine(target, "report.html"));
            journal.Remove();
            return ExitCode.Done;
        });
        return command;
    }

    // Images whose windows no method had to search for.
    private static long KeptWindows(IProposalMethod method) => (method is JoinedProposals joined ? joined.Methods : [method]).OfType<ProposalCache>().Select(cache => cache.Hits).DefaultIfEmpty().Min();
}
