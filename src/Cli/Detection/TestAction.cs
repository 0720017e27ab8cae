using System.CommandLine;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect test</c>: mean average precision of a detector.</summary>
internal static class TestAction
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "Run folder of detect train.", Required = true, HelpName = "RUN" };
        var data = new Option<string?>("--data") { Description = "VOC folder, COCO .json or .csv; without it the drawn scenes' test part.", HelpName = "VOC" };
        var set = new Option<string?>("--set") { Description = "Set of a VOC folder; without it test, or val, or all.", HelpName = "name" };
        var scores = new Option<string?>("--scores") { Description = "What scores windows: svm | softmax; without it what the detector was trained with.", HelpName = "name" };
        var plain = new Option<bool>("--no-box-regression") { Description = "Leave boxes as they are proposed." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the drawn scenes, as in training.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var shapes = new Option<int>("--shapes") { Description = "Drawn scenes that were trained on.", DefaultValueFactory = _ => ShapesScenes.TrainImages, HelpName = "n" };
        var output = new Option<string?>("--out") { Description = "Folder of detections.csv and report.html; without it the run folder.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var device = new DeviceSelection();
        var command = new Command("test", "Measure a detector: VOC's 11-point and area mAP, COCO's AP, causes of false positives.") { model, data, set, scores, plain, seed, shapes, output, json };
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string run = parsed.GetValue(model)!;
            var warnings = new StandardErrorLogger();
            DetectionDataset images = parsed.GetValue(data) is { } path
                ? DetectionData.OpenTest(path, parsed.GetValue(set), warnings)
                : ShapesScenes.Create(parsed.GetValue(shapes), ShapesScenes.TestImages, parsed.GetValue(seed)).Test;
            using IBackend backend = device.Open(parsed);
            string folder = Directory.Exists(run) ? run : Path.GetDirectoryName(Path.GetFullPath(run))!;
            IProposalMethod proposals = ProposalSettings.Read(folder).Open(Path.Combine(folder, "proposals"), warnings);
            using Detector detector = Detector.Load(run, backend, proposals);
            var options = new DetectionOptions { Scoring = Scoring(parsed.GetValue(scores)), RegressBoxes = !parsed.GetValue(plain) };
            DetectorTestResult result = DetectorTest.Run(detector, images, options, null, warnings, new ProgressLines(parsed.GetValue(json)), interrupt);
            string target = parsed.GetValue(output) ?? folder;
            Directory.CreateDirectory(target);
            DetectionsCsv.Write(Path.Combine(target, "detections.csv"), result.Data, result.Detections);
            DetectionReport.Write(Path.Combine(target, "report.html"), detector, result);
            if (parsed.GetValue(json)) ScoreOutput.WriteJson(result.Score, result.Times);
            else
            {
                ScoreOutput.Print(result.Score);
                ScoreOutput.Print(result.Times, result.Score.Images, (proposals as ProposalCache)?.Hits ?? 0);
            }
            return ExitCode.Done;
        });
        return command;
    }

    public static WindowScoring? Scoring(string? name) => name switch
    {
        null => null,
        "svm" => WindowScoring.Svm,
        "softmax" => WindowScoring.Softmax,
        _ => throw new UsageException($"--scores is svm or softmax, not '{name}'."),
    };
}
