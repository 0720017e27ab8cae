using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The options that say how annotations are read: <c>--set</c>, <c>--images</c>, <c>--boxes</c>, <c>--allow-outside</c>.</summary>
/// <param name="usualSet">What is read of a VOC folder without <c>--set</c>.</param>
internal sealed class AnnotationSelection(string usualSet)
{
    /// <summary>What annotations are read from, as help says it.</summary>
    public const string Formats = "VOC, YOLO, CVAT or LabelMe folder, COCO .json, CVAT .xml, YOLO .yaml or .csv, or a .zip or .tar of one";

    private readonly Option<string?> _set = new("--set") { Description = $"Set of a VOC or YOLO data set; without it {usualSet}.", HelpName = "name" };
    private readonly Option<string?> _images = new("--images") { Description = "Folder of the images, where they are not beside the file.", HelpName = "folder" };
    private readonly Option<string?> _boxes = new("--boxes") { Description = "What boxes of images that EXIF turns belong to: raw (the image as stored) or upright; without it told by the annotated size.", HelpName = "raw|upright" };
    private readonly Option<bool> _outside = new("--allow-outside") { Description = "Let the files name images outside their folder." };

    public void AddTo(Command command)
    {
        command.Add(_set);
        command.Add(_images);
        command.Add(_boxes);
        command.Add(_outside);
    }

    public AnnotationOptions Options(ParseResult parsed) => new()
    {
        Set = parsed.GetValue(_set),
        Images = parsed.GetValue(_images),
        AllowOutside = parsed.GetValue(_outside),
        Boxes = parsed.GetValue(_boxes) switch
        {
            null => BoxFrame.Automatic,
            "raw" => BoxFrame.Raw,
            "upright" => BoxFrame.Upright,
            _ => throw new UsageException("--boxes takes raw or upright."),
        },
    };
}
