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
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("score", "Score detections against marked objects: VOC's 11-point and area AP, COCO's AP.") { truth, detections, json };
        annotations.AddTo(command);
        CommandAction.Set(command, (parsed, _) =>
        {
            var warnings = WarningLogger.OfData(Say.Error);
            DetectionDataset data = DetectionData.OpenTest(parsed.GetValue(truth)!, annotations.Options(parsed) with { NeedImages = false }, warnings);
            DetectionScore score = DetectionScore.Of(data, DetectionsCsv.Read(parsed.GetValue(detections)!, data, warnings));
            if (parsed.GetValue(json)) ScoreOutput.WriteJson(score);
            else ScoreOutput.Print(score);
            return ExitCode.Done;
        });
        return command;
    }
}
