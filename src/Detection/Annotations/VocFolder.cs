using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Data sets in PASCAL VOC's layout: <c>JPEGImages</c>, <c>Annotations</c> (one XML file an image, pixels counted from 1, corners
/// included) and <c>ImageSets/Main</c> (lists of names, one list a set).
/// </summary>
public static class VocFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".JPG", ".JPEG", ".PNG"];

    /// <summary>Opens a set of a folder.</summary>
    /// <param name="folder">The folder that holds <c>Annotations</c>.</param>
    /// <param name="set">A list in <c>ImageSets/Main</c>, such as <c>trainval</c>; null for all annotations.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <param name="needImages">False where only the annotations matter, as in scoring: images need not exist where annotations give sizes.</param>
    /// <returns>Images in the order of the list; classes in ordinal order of their names.</returns>
    /// <exception cref="DatasetException">The folder is not in this layout, the set does not exist, an annotation is damaged, or nothing is left.</exception>
    public static DetectionDataset Open(string folder, string? set, ILogger? logger = null, bool needImages = true)
    {
        logger ??= NullLogger.Instance;
        string annotations = Path.Combine(folder, "Annotations"), pictures = Path.Combine(folder, "JPEGImages");
        if (!Directory.Exists(folder)) throw new DatasetException(folder, "there is no such folder; check the path.");
        if (!Directory.Exists(annotations)) throw new DatasetException(folder, "has no folder Annotations; name the folder of a VOC data set, such as VOCdevkit/VOC2007.");

        var found = new List<(string Name, string? Picture, VocAnnotation Annotation)>();
        foreach (string name in Names(folder, annotations, set))
        {
            string file = Path.Combine(annotations, name + ".xml");
            if (!File.Exists(file))
            {
                logger.LogWarning("{Folder}: {Name} has no annotation; it is left out.", folder, name);
                continue;
            }
            VocAnnotation annotation = VocAnnotation.Read(file);
            string? picture = Picture(pictures, name, annotation.FileName);
            if (picture is null && (needImages || annotation.Width == 0 || annotation.Height == 0))
                logger.LogWarning("{Folder}: there is no image for the annotation of {Name}; it is left out.", folder, name);
            else
                found.Add((name, picture, annotation));
        }
        if (found.Count == 0) throw new DatasetException(folder, $"has no annotated images{(set is null ? "" : $" in the set '{set}'")}; check ImageSets/Main, Annotations and JPEGImages.");
        if (set is null && needImages) WarnOfBareImages(folder, pictures, [.. found.Select(item => item.Picture)], logger);
        return Build(folder, found, logger);
    }

    /// <summary>The first of some sets that the folder has.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="candidates">Names of sets, the preferred one first.</param>
    /// <returns>Its name, or null where the folder has none of them.</returns>
    public static string? FirstSet(string folder, params ReadOnlySpan<string> candidates)
    {
        foreach (string set in candidates)
            if (File.Exists(SetFile(folder, set)))
                return set;
        return null;
    }

    /// <summary>Whether a folder looks like a VOC data set.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsOne(string folder) => Directory.Exists(Path.Combine(folder, "Annotations"));

    private static string SetFile(string folder, string set) => Path.Combine(folder, "ImageSets", "Main", set + ".txt");

    private static List<string> Names(string folder, string annotations, string? set)
    {
        if (set is null)
            return [.. Directory.EnumerateFiles(annotations, "*.xml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];
        string list = SetFile(folder, set);
        if (!File.Exists(list))
        {
            string main = Path.GetDirectoryName(list)!;
            string[] known = Directory.Exists(main) ? [.. Directory.EnumerateFiles(main, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal).Take(12)] : [];
            throw new DatasetException(folder, $"has no set '{set}'; {(known.Length == 0 ? "ImageSets/Main holds no lists" : $"there are {string.Join(", ", known)}")}.");
        }
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(list))
        {
            // The lists of single classes have a second column with 1, 0 or -1.
            string name = line.Trim().Split((char[])[' ', '\t'], 2)[0];
            if (name.Length > 0 && seen.Add(name)) names.Add(name);
        }
        return names;
    }

    private static string? Picture(string pictures, string name, string? fileName)
    {
        if (fileName is { Length: > 0 } && Path.GetFileNameWithoutExtension(fileName) == name && File.Exists(Path.Combine(pictures, Path.GetFileName(fileName))))
            return Path.GetFileName(fileName);
        string? extension = Array.Find(Extensions, extension => File.Exists(Path.Combine(pictures, name + extension)));
        return extension is null ? null : name + extension;
    }

    private static void WarnOfBareImages(string folder, string pictures, HashSet<string?> used, ILogger logger)
    {
        string[] bare = [.. Directory.EnumerateFiles(pictures).Select(Path.GetFileName).Where(file => !used.Contains(file)).Order(StringComparer.Ordinal)!];
        if (bare.Length > 0)
            logger.LogWarning("{Folder}: {Count} images have no annotation and are left out, {First} the first of them.", folder, bare.Length, bare[0]);
    }

    private static DetectionDataset Build(string folder, List<(string Name, string? Picture, VocAnnotation Annotation)> found, ILogger logger)
    {
        string[] classes = [.. found.SelectMany(item => item.Annotation.Objects).Select(o => o.Class).Distinct().Order(StringComparer.Ordinal)];
        var files = new List<string>();
        var images = new List<AnnotatedImage>();
        foreach ((string name, string? picture, VocAnnotation annotation) in found)
        {
            string path = Path.Combine(folder, "JPEGImages", picture ?? name);
            int width = annotation.Width, height = annotation.Height;
            if (width == 0 || height == 0)
            {
                if (ImageSizes.Read(path, logger) is not { } size) continue;
                (width, height) = size;
            }
            var objects = new List<AnnotatedObject>();
            foreach ((string kind, PixelBox box, bool difficult, bool truncated) in annotation.Objects)
            {
                if (BoxReading.Inside(box, width, height, $"{folder}: {name}, '{kind}'", logger) is { } inside)
                    objects.Add(new AnnotatedObject(Array.BinarySearch(classes, kind, StringComparer.Ordinal), inside, difficult, truncated));
            }
            images.Add(new AnnotatedImage(name, files.Count, width, height, objects));
            files.Add($"JPEGImages/{picture ?? name}");
        }
        return new DetectionDataset(folder, classes, images, new FileImageSource(folder, files));
    }
}
