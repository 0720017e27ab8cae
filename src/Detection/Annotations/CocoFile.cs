using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuSpp.Data;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Data sets in COCO's JSON: <c>images</c>, <c>annotations</c> with <c>bbox</c> = [x, y, width, height] and <c>categories</c>. Crowds count as difficult.
/// A box of width w covers the pixels x to x + w − 1.
/// </summary>
public static class CocoFile
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowReadingFromString };

    /// <summary>Opens a file.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="imageFolder">Where the images are; null for the JSON file's folder.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <returns>Images in the file's order; classes in the order of their category numbers.</returns>
    /// <exception cref="DatasetException">The file is missing, not of this format, or names no image that exists.</exception>
    public static DetectionDataset Open(string path, string? imageFolder = null, ILogger? logger = null)
    {
        logger ??= NullLogger.Instance;
        if (!File.Exists(path)) throw new DatasetException(path, "there is no such file; check the path.");
        string root = imageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        Document document = Read(path);
        Category[] categories = [.. document.Categories!.OrderBy(category => category.Id)];
        Dictionary<long, int> labels = [];
        for (int label = 0; label < categories.Length; label++)
            if (!labels.TryAdd(categories[label].Id, label))
                throw new DatasetException(path, $"has two categories with the number {categories[label].Id}; give them different ones.");

        ILookup<long, Annotation> byImage = document.Annotations!.ToLookup(annotation => annotation.ImageId);
        var known = document.Images!.Select(image => image.Id).ToHashSet();
        int orphans = document.Annotations!.Count(annotation => !known.Contains(annotation.ImageId));
        if (orphans > 0) logger.LogWarning("{Path}: {Count} annotations belong to images that the file does not list; they are left out.", path, orphans);

        var files = new List<string>();
        var images = new List<AnnotatedImage>();
        foreach (Picture picture in document.Images!)
        {
            string file = picture.FileName ?? throw new DatasetException(path, $"image {picture.Id} has no file_name; add it.");
            if (!File.Exists(Path.Combine(root, file)))
            {
                logger.LogWarning("{Path}: there is no image {File}; it is left out.", path, file);
                continue;
            }
            int width = picture.Width, height = picture.Height;
            if (width < 1 || height < 1)
            {
                if (ImageSizes.Read(Path.Combine(root, file), logger) is not { } size) continue;
                (width, height) = size;
            }
            images.Add(new AnnotatedImage(file, files.Count, width, height, Objects(path, file, width, height, byImage[picture.Id], labels, logger)));
            files.Add(file);
        }
        if (images.Count == 0) throw new DatasetException(path, $"names no image that exists in {root}; name the folder of the images.");
        return new DetectionDataset(path, [.. categories.Select(category => category.Name ?? category.Id.ToString(System.Globalization.CultureInfo.InvariantCulture))], images, new FileImageSource(root, files));
    }

    private static List<AnnotatedObject> Objects(
        string path, string file, int width, int height, IEnumerable<Annotation> annotations, Dictionary<long, int> labels, ILogger logger)
    {
        var objects = new List<AnnotatedObject>();
        foreach (Annotation annotation in annotations)
        {
            if (!labels.TryGetValue(annotation.CategoryId, out int label))
            {
                logger.LogWarning("{Path}: an object in {File} has the category {Category}, which the file does not list; it is left out.", path, file, annotation.CategoryId);
                continue;
            }
            if (annotation.Box is not { Length: 4 } b) throw new DatasetException(path, $"an object in {file} has no bbox of four numbers; mend or remove it.");
            // Boxes thinner than a pixel still touch one.
            var box = new PixelBox(b[0], b[1], b[0] + (b[2] > 0 ? Math.Max(b[2], 1) : b[2]) - 1, b[1] + (b[3] > 0 ? Math.Max(b[3], 1) : b[3]) - 1);
            if (BoxReading.Inside(box, width, height, $"{path}: {file}", logger) is { } inside) objects.Add(new AnnotatedObject(label, inside, annotation.IsCrowd != 0));
        }
        return objects;
    }

    private static Document Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Document? document = JsonSerializer.Deserialize<Document>(stream, Json);
            if (document is { Images: not null, Annotations: not null, Categories: not null }) return document;
        }
        catch (JsonException e)
        {
            throw new DatasetException(path, $"is not JSON in COCO's form ({e.Message.TrimEnd('.')}); export it again.", e);
        }
        throw new DatasetException(path, "is not JSON in COCO's form; it needs images, annotations and categories.");
    }

    private sealed record Document(
        [property: JsonPropertyName("images")] Picture[]? Images,
        [property: JsonPropertyName("annotations")] Annotation[]? Annotations,
        [property: JsonPropertyName("categories")] Category[]? Categories);

    private sealed record Picture(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("file_name")] string? FileName,
        [property: JsonPropertyName("width")] int Width,
        [property: JsonPropertyName("height")] int Height);

    private sealed record Annotation(
        [property: JsonPropertyName("image_id")] long ImageId,
        [property: JsonPropertyName("category_id")] long CategoryId,
        [property: JsonPropertyName("bbox")] double[]? Box,
        [property: JsonPropertyName("iscrowd")] int IsCrowd);

    private sealed record Category(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("name")] string? Name);
}
