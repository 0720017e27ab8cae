using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets as LabelMe leaves them: one JSON file an image, usually beside it, with <c>shapes</c> whose <c>points</c> are continuous coordinates. Rectangles are boxes; polygons,
/// circles and masks have their bounding boxes taken. The flags <c>difficult</c>, <c>truncated</c> and <c>crowd</c> of shapes are read. Images that are but embedded are not.
/// </summary>
internal static class LabelMeFolder
{
    /// <summary>Whether a folder is such a data set: a JSON file lies beside the image of its name.</summary>
    public static bool IsOne(DataFiles files, string folder)
    {
        string[] names = files.FilesIn(folder);
        HashSet<string> images = [.. names.Where(ImageFolder.IsImageName).Select(AnnotationValues.WithoutExtension)];
        return names.Any(name => IsJson(name) && images.Contains(name[..^".json".Length]));
    }

    /// <summary>Opens a folder: images in ordinal order of their annotations, classes in ordinal order of their names.</summary>
    /// <exception cref="DatasetException">A file is not of this form, or none names an image that exists.</exception>
    public static DetectionDataset Open(DataFiles files, string folder, AnnotationOptions options, ILogger logger)
    {
        string root = options.Images ?? folder;
        var shapes = new OtherShapes();
        var found = new List<(ReadImage Image, List<(string Class, AnnotatedObject Object)> Objects)>();
        var missing = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in files.FilesIn(folder).Where(name => IsJson(name) && !name.StartsWith('.')))
        {
            string path = Path.Combine(folder, name);
            LabelMeDocument document = Read(files, path);
            string given = document.ImagePath ?? name[..^".json".Length];
            string file = AnnotationValues.ImagePath(root, given, allowOutside: true, out string refusal) ?? throw new DatasetException(path, refusal);
            // Annotations that were moved without their images name them as they were: what lies beside is meant.
            if (!files.HasFile(Path.Combine(root, file)) && files.HasFile(Path.Combine(root, Path.GetFileName(file)))) file = Path.GetFileName(file);
            if (AnnotationValues.ImagePath(root, file, options.AllowOutside, out refusal) is null) throw new DatasetException(path, refusal);
            bool exists = files.HasFile(Path.Combine(root, file));
            if (!exists && options.NeedImages)
            {
                missing.Add(file);
                continue;
            }
            if (!seen.Add(file)) throw new DatasetException(path, $"annotates {AnnotationValues.Shown(file)}, as another file does; remove one of the two.");
            found.Add((new ReadImage(file, exists ? file : null, Side(document.Width), Side(document.Height), []), Objects(path, document, shapes)));
        }
        AnnotationReader.CheckMissing(files, folder, root, found.Count, missing, logger);
        shapes.Tell(folder, logger);
        string[] classes = [.. found.SelectMany(item => item.Objects).Select(item => item.Class).Distinct().Order(StringComparer.Ordinal)];
        ReadImage[] images = [.. found.Select(item => item.Image with
        {
            Objects = [.. item.Objects.Select(own => (own.Object with { Label = Array.BinarySearch(classes, own.Class, StringComparer.Ordinal) }, $"{folder}: {item.Image.Name}, '{own.Class}'"))],
        })];
        return AnnotationReader.Build(files, folder, root, classes, images, options, logger);
    }

    private static bool IsJson(string name) => name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static int Side(double? side) => side is >= 1 and <= int.MaxValue ? (int)side : 0;

    private static List<(string, AnnotatedObject)> Objects(string path, LabelMeDocument document, OtherShapes shapes)
    {
        var objects = new List<(string, AnnotatedObject)>();
        foreach (LabelMeShape? shape in document.Shapes!)
        {
            if (shape is not { Label: { } label, Points: { } points } || label.Trim().Length == 0) throw new DatasetException(path, "has a shape without a label or points; mend or remove it.");
            if (points.Length == 0 || points.Any(point => point is not { Length: 2 } || !point.All(double.IsFinite))) throw new DatasetException(path, $"has a shape '{AnnotationValues.Shown(label)}' whose points are not pairs of numbers; mend or remove it.");
            string kind = shape.Kind is { Length: > 0 } given ? given : "polygon";
            if (kind is not ("rectangle" or "polygon" or "circle" or "mask" or "oriented_rectangle"))
            {
                shapes.LeftOut(AnnotationValues.Shown(kind));
                continue;
            }
            if (kind is "circle" && points.Length != 2) throw new DatasetException(path, $"has a circle '{AnnotationValues.Shown(label)}' that is not given by two points; mend or remove it.");
            if (kind is not "rectangle") shapes.Bounded(kind.Replace('_', ' '));
            double radius = kind is "circle" ? Math.Sqrt(Math.Pow(points[1]![0] - points[0]![0], 2) + Math.Pow(points[1]![1] - points[0]![1], 2)) : 0;
            double[] across = [.. (kind is "circle" ? points[..1] : points).Select(point => point![0])], down = [.. (kind is "circle" ? points[..1] : points).Select(point => point![1])];
            PixelBox box = AnnotationValues.Touched(across.Min() - radius, down.Min() - radius, across.Max() + radius, down.Max() + radius);
            objects.Add((label.Trim(), new AnnotatedObject(0, box, Flag(shape, "difficult"), Flag(shape, "truncated"), Flag(shape, "crowd"))));
        }
        return objects;

        static bool Flag(LabelMeShape shape, string name) => shape.Flags?.GetValueOrDefault(name) ?? false;
    }

    private static LabelMeDocument Read(DataFiles files, string path)
    {
        try
        {
            using Stream stream = files.Open(path);
            return JsonSerializer.Deserialize(stream, LabelMeJson.Default.LabelMeDocument) is { Shapes: not null } document ? document : throw new DatasetException(path, "is not in LabelMe's form, which has shapes and imagePath; mend it, or move it elsewhere.");
        }
        catch (JsonException error)
        {
            string place = error.Path is { Length: > 1 } at ? $" at {AnnotationValues.Shown(at.TrimStart('$', '.'))}" : "";
            throw new DatasetException(FormattableString.Invariant($"{path}, line {(error.LineNumber ?? 0) + 1}"), $"is not JSON in LabelMe's form{place}; mend it, or move it elsewhere.", error);
        }
    }
}

internal sealed record LabelMeDocument(
    [property: JsonPropertyName("shapes")] LabelMeShape?[]? Shapes,
    [property: JsonPropertyName("imagePath")] string? ImagePath,
    [property: JsonPropertyName("imageWidth")] double? Width,
    [property: JsonPropertyName("imageHeight")] double? Height);

internal sealed record LabelMeShape(
    [property: JsonPropertyName("label")] string? Label,
    [property: JsonPropertyName("points")] double[]?[]? Points,
    [property: JsonPropertyName("shape_type")] string? Kind,
    [property: JsonPropertyName("flags")] Dictionary<string, bool>? Flags);

[JsonSerializable(typeof(LabelMeDocument))]
internal sealed partial class LabelMeJson : JsonSerializerContext;
