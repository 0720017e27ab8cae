using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets in COCO's JSON: <c>images</c>, <c>annotations</c> with <c>bbox</c> = [x, y, width, height] and <c>categories</c>. A box of
/// width w covers the pixels x to x + w − 1. <c>ignore</c>, which many programs write, marks a difficult object; <c>truncated</c> is read too. Scalars are read as tools write them: numbers as text, flags as numbers, null for none.
/// </summary>
internal static class CocoFile
{
    /// <summary>Opens a file: images in its order, classes in the order of their category numbers; categories of one name are one class.</summary>
    /// <exception cref="DatasetException">The file is missing, not of this format, or names no image that exists.</exception>
    public static DetectionDataset Open(DataFiles files, string path, AnnotationOptions options, ILogger logger)
    {
        if (!files.HasFile(path)) throw new DatasetException(path, "there is no such file; check the path.");
        CocoDocument document = Read(files, path);
        (string[] classes, Dictionary<string, int> labels) = Classes(path, document.Categories!, logger);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (CocoImage image in document.Images!)
            if (!known.Add(image.Id ?? "")) throw new DatasetException(path, $"has two images with the id {AnnotationValues.Shown(image.Id ?? "null")}, so that their boxes cannot be told apart; give them different ones.");
        ILookup<string, CocoAnnotation> byImage = document.Annotations!.ToLookup(annotation => annotation.ImageId ?? "", StringComparer.Ordinal);
        int orphans = document.Annotations!.Count(annotation => !known.Contains(annotation.ImageId ?? ""));
        if (orphans > 0) logger.LogWarning("{Path}: {Count} annotations belong to images that the file does not list; they are left out.", path, orphans);

        string root = ImageFolderOf(files, path, document.Images!, options);
        var images = new List<ReadImage>();
        var missing = new List<string>();
        foreach (CocoImage image in document.Images!)
        {
            string name = image.FileName ?? throw new DatasetException(path, $"the image {AnnotationValues.Shown(image.Id ?? "null")} has no file_name; add it.");
            string file = AnnotationValues.ImagePath(root, name, options.AllowOutside, out string refusal) ?? throw new DatasetException(path, refusal);
            bool exists = files.HasFile(Path.Combine(root, file));
            if (!exists && options.NeedImages)
                missing.Add(file);
            else
                images.Add(new ReadImage(file, exists ? file : null, Side(image.Width), Side(image.Height), Objects(path, file, byImage[image.Id ?? ""], labels, logger)) { Id = image.Id });
        }
        AnnotationReader.CheckMissing(files, path, root, images.Count, missing, logger);
        DetectionDataset data = AnnotationReader.Build(files, path, root, classes, images, options, logger);
        data.LabelsById = labels;
        return data;
    }

    /// <summary>Reads detections in the form of COCO's results: a list of objects with <c>image_id</c>, <c>category_id</c>, <c>bbox</c> and <c>score</c>.</summary>
    /// <exception cref="DatasetException">The file is not of this form.</exception>
    public static CocoAnnotation[] ReadResults(string path)
    {
        CocoAnnotation[] results = Parse(new DataFiles(), path, stream => JsonSerializer.Deserialize(stream, CocoJson.Default.CocoAnnotationArray), "a list of detections") ?? [];
        foreach (CocoAnnotation result in results)
            if (result is not { Box.Length: 4, Score: not null, ImageId: not null, CategoryId: not null }) throw new DatasetException(path, "has a detection without image_id, category_id, score, or a bbox of four numbers.");
        return results;
    }

    /// <summary>A box that covers the pixels x to x + width − 1.</summary>
    public static PixelBox Box(double[] b) => new(b[0], b[1], b[0] + b[2] - 1, b[1] + b[3] - 1);

    private static int Side(double? side) => side is >= 1 and <= int.MaxValue ? (int)side : 0;

    private static (string[] Names, Dictionary<string, int> Labels) Classes(string path, CocoCategory[] categories, ILogger logger)
    {
        bool numbered = categories.All(category => AnnotationValues.Number(category.Id) is not null);
        CocoCategory[] ordered = numbered
            ? [.. categories.OrderBy(category => AnnotationValues.Number(category.Id))]
            : [.. categories.OrderBy(category => category.Id, StringComparer.Ordinal)];
        var names = new List<string>();
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (CocoCategory category in ordered)
        {
            string id = category.Id ?? throw new DatasetException(path, "has a category without an id; add it.");
            string name = category.Name is { Length: > 0 } given ? given : id;
            int label = names.IndexOf(name);
            if (label >= 0) logger.LogWarning("{Path}: two categories are called '{Name}'; they are taken for one class.", path, name);
            else
            {
                label = names.Count;
                names.Add(name);
            }
            if (!labels.TryAdd(id, label)) throw new DatasetException(path, $"has two categories with the number {AnnotationValues.Shown(id)}; give them different ones.");
        }
        return ([.. names], labels);
    }

    // COCO publishes annotations/instances_train2017.json beside train2017/.
    private static string ImageFolderOf(DataFiles files, string path, CocoImage[] images, AnnotationOptions options)
    {
        string own = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (options.Images is not null) return options.Images;
        string stem = Path.GetFileNameWithoutExtension(path), part = stem[(stem.LastIndexOf('_') + 1)..];
        string[] above = Path.GetDirectoryName(own) is { } parent ? [own, parent] : [own];
        string[] candidates = [own, .. above.SelectMany(folder => (string[])[Path.Combine(folder, part), Path.Combine(folder, "images"), Path.Combine(folder, "images", part)]), above[^1]];
        return Array.Find(candidates, folder => images.Take(100).Any(image => image.FileName is { } name
            && AnnotationValues.ImagePath(folder, name, options.AllowOutside, out _) is { } file && files.HasFile(Path.Combine(folder, file)))) ?? own;
    }

    private static List<(AnnotatedObject, string)> Objects(string path, string file, IEnumerable<CocoAnnotation> annotations, Dictionary<string, int> labels, ILogger logger)
    {
        var objects = new List<(AnnotatedObject, string)>();
        foreach (CocoAnnotation annotation in annotations)
        {
            if (!labels.TryGetValue(annotation.CategoryId ?? "", out int label))
            {
                logger.LogWarning("{Path}: an object in {File} has the category {Category}, which the file does not list; it is left out.", path, file, AnnotationValues.Shown(annotation.CategoryId ?? "null"));
                continue;
            }
            if (annotation.Box is null or { Length: 0 })
            {
                logger.LogWarning("{Path}: an object in {File} has no bbox; it is left out.", path, file);
                continue;
            }
            if (annotation.Box is not { Length: 4 } b || !b.All(double.IsFinite)) throw new DatasetException(path, $"an object in {file} has a bbox that is not four numbers; mend or remove it.");
            objects.Add((new AnnotatedObject(label, AnnotationValues.Touched(b[0], b[1], b[0] + b[2], b[1] + b[3]), annotation.Ignore, annotation.Truncated, annotation.IsCrowd), $"{path}: {file}"));
        }
        return objects;
    }

    private static CocoDocument Read(DataFiles files, string path) =>
        Parse(files, path, stream => JsonSerializer.Deserialize(stream, CocoJson.Default.CocoDocument), "JSON in COCO's form") is { Images: not null, Annotations: not null, Categories: not null } document
        && !document.Images.Contains(null) && !document.Annotations.Contains(null) && !document.Categories.Contains(null)
            ? document
            : throw new DatasetException(path, "is not JSON in COCO's form; it needs images, annotations and categories.");

    private static T Parse<T>(DataFiles files, string path, Func<Stream, T> parse, string form)
    {
        try
        {
            using Stream stream = files.Open(path);
            return parse(stream);
        }
        catch (JsonException error)
        {
            string place = error.Path is { Length: > 1 } at ? $" at {AnnotationValues.Shown(at.TrimStart('$', '.'))}" : "";
            throw new DatasetException(FormattableString.Invariant($"{path}, line {(error.LineNumber ?? 0) + 1}"), $"is not {form}{place}; export it again.", error);
        }
    }
}

internal sealed record CocoDocument(
    [property: JsonPropertyName("images")] CocoImage[]? Images,
    [property: JsonPropertyName("annotations")] CocoAnnotation[]? Annotations,
    [property: JsonPropertyName("categories")] CocoCategory[]? Categories);

internal sealed record CocoImage(
    [property: JsonPropertyName("id"), JsonConverter(typeof(CocoId))] string? Id,
    [property: JsonPropertyName("file_name")] string? FileName,
    [property: JsonPropertyName("width"), JsonConverter(typeof(CocoNumber))] double? Width,
    [property: JsonPropertyName("height"), JsonConverter(typeof(CocoNumber))] double? Height);

internal sealed record CocoAnnotation(
    [property: JsonPropertyName("image_id"), JsonConverter(typeof(CocoId))] string? ImageId,
    [property: JsonPropertyName("category_id"), JsonConverter(typeof(CocoId))] string? CategoryId,
    [property: JsonPropertyName("bbox")] double[]? Box,
    [property: JsonPropertyName("iscrowd"), JsonConverter(typeof(CocoFlag))] bool IsCrowd,
    [property: JsonPropertyName("ignore"), JsonConverter(typeof(CocoFlag))] bool Ignore,
    [property: JsonPropertyName("truncated"), JsonConverter(typeof(CocoFlag))] bool Truncated,
    [property: JsonPropertyName("score")] double? Score);

internal sealed record CocoCategory(
    [property: JsonPropertyName("id"), JsonConverter(typeof(CocoId))] string? Id,
    [property: JsonPropertyName("name")] string? Name);

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(CocoDocument))]
[JsonSerializable(typeof(CocoAnnotation[]))]
internal sealed partial class CocoJson : JsonSerializerContext;

/// <summary>Ids: numbers, whole floats and text; 1, 1.0 and "1" are one.</summary>
internal sealed class CocoId : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out long whole) => whole.ToString(CultureInfo.InvariantCulture),
        JsonTokenType.Number when reader.TryGetDouble(out double real) && real == Math.Floor(real) && Math.Abs(real) < 1e15 => ((long)real).ToString(CultureInfo.InvariantCulture),
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>Numbers, as such or as text; null for none.</summary>
internal sealed class CocoNumber : JsonConverter<double?>
{
    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.GetDouble(),
        JsonTokenType.String => AnnotationValues.Number(reader.GetString()) ?? throw new JsonException(),
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Flags: true, 1, "1" and their like; null for false.</summary>
internal sealed class CocoFlag : JsonConverter<bool>
{
    public override bool HandleNull => true;

    public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        JsonTokenType.Number => reader.GetDouble() switch { 0 => false, 1 => true, _ => throw new JsonException() },
        JsonTokenType.String => AnnotationValues.Flag(reader.GetString()) ?? throw new JsonException(),
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
}
