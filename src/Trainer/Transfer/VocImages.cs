using System.Xml;
using System.Xml.Linq;
using IlgpuSpp.Data;

namespace IlgpuSpp.Training;

/// <summary>One image of a PASCAL VOC data set with what it shows.</summary>
/// <param name="Path">The image file.</param>
/// <param name="Labels">For each class 1 where an object is shown, 0 where all its objects are difficult, −1 where there is none.</param>
internal sealed record VocImage(string Path, int[] Labels);

/// <summary>The classification labels of a data set in VOC's layout: JPEGImages, Annotations, ImageSets/Main.</summary>
internal sealed class VocImages
{
    private VocImages(IReadOnlyList<string> classNames, IReadOnlyList<VocImage> train, IReadOnlyList<VocImage> test) => (ClassNames, Train, Test) = (classNames, train, test);

    public IReadOnlyList<string> ClassNames { get; }

    public IReadOnlyList<VocImage> Train { get; }

    public IReadOnlyList<VocImage> Test { get; }

    public static bool IsVoc(string folder) => Directory.Exists(Path.Combine(folder, "ImageSets", "Main")) && Directory.Exists(Path.Combine(folder, "Annotations"));

    /// <summary>Reads trainval (or train) and test (or val).</summary>
    public static VocImages Open(string folder)
    {
        var train = Read(folder, "trainval", "train");
        var test = Read(folder, "test", "val");
        string[] classes = [.. train.Concat(test).SelectMany(image => image.Objects).Select(o => o.Name).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length == 0) throw new DatasetException(folder, "has no objects in its annotations.");
        return new VocImages(classes, [.. train.Select(Labelled)], [.. test.Select(Labelled)]);

        VocImage Labelled((string Path, List<(string Name, bool Difficult)> Objects) image) => new(image.Path, [.. classes.Select(name =>
        {
            var own = image.Objects.Where(o => o.Name == name).ToList();
            return own.Count == 0 ? -1 : own.TrueForAll(o => o.Difficult) ? 0 : 1;
        })]);
    }

    private static List<(string Path, List<(string Name, bool Difficult)> Objects)> Read(string folder, params string[] sets)
    {
        string? list = sets.Select(set => Path.Combine(folder, "ImageSets", "Main", set + ".txt")).FirstOrDefault(File.Exists)
            ?? throw new DatasetException(folder, $"has no ImageSets/Main/{string.Join(".txt or ", sets)}.txt.");
        var images = new List<(string, List<(string, bool)>)>();
        foreach (string line in File.ReadLines(list))
        {
            string name = line.Trim();
            if (name.Length == 0) continue;
            string image = Path.Combine(folder, "JPEGImages", name + ".jpg"), annotation = Path.Combine(folder, "Annotations", name + ".xml");
            if (!File.Exists(image) || !File.Exists(annotation)) throw new DatasetException(folder, $"lists {name}, but its image or annotation is missing.");
            images.Add((image, Objects(annotation)));
        }
        return images.Count > 0 ? images : throw new DatasetException(folder, $"lists no image in {Path.GetFileName(list)}.");
    }

    private static List<(string, bool)> Objects(string annotation)
    {
        try
        {
            return [.. XDocument.Load(annotation).Root!.Elements("object").Select(o => (
                (o.Element("name")?.Value ?? throw new DataFormatException(annotation, "an object has no name")).Trim(),
                o.Element("difficult")?.Value.Trim() == "1"))];
        }
        catch (XmlException error)
        {
            throw new DataFormatException(annotation, $"is no well-formed XML (line {error.LineNumber}); write the annotation again");
        }
    }
}
