using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect score</c>: scores detections from anywhere.</summary>
internal static class ScoreAction
{
    public static Command Create()
    {
        var truth = new Option<string>("--truth") { Description = $"{AnnotationSelection.Formats}; of a VOC folder the annotations are enough.", Required = true, HelpName = "VOC" };
        var annotations = new AnnotationSelection("test, or val, or all annotations");
        var detections = new Option<string>("--detections") { Description = "CSV with image,class,score,x1,y1,x2,y2 (pixels counted from 1, corners included), or JSON of COCO's results.", Required = true, HelpName = "CSV" };
        var against = new Option<string?>("--against") { Description = "Other detections in the same images: how much better --detections are, and whether other images could have told otherwise.", HelpName = "CSV" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("score", "Score detections against marked objects: VOC's 11-point and area AP, COCO's AP.") { truth, detections, against, json };
        annotations.AddTo(command);
        CommandAction.Set(command, (parsed, _) =>
        {
            var warnings = WarningLogger.OfData(Say.Error);
            DetectionDataset data = DetectionData.OpenTest(parsed.GetValue(truth)!, annotations.Options(parsed) with { NeedImages = false }, warnings);
            DetectionScore score = Score(parsed.GetValue(detections)!);
            DetectionScore? baseline = parsed.GetValue(against) is { } other ? Score(other) : null;
            BootstrapInterval? difference = baseline is null ? null : BootstrapInterval.OfDifference(score, baseline);
            if (parsed.GetValue(json))
            {
                ScoreOutput.WriteJson(score, difference: difference);
            }
            else
            {
                ScoreOutput.Print(score);
                if (baseline is not null) ScoreOutput.PrintDifference(score, baseline, difference!);
            }
            return ExitCode.Done;

            DetectionScore Score(string path) => DetectionScore.Of(data, DetectionsCsv.Read(path, data, warnings));
        });
        return command;
    }
}
