using System.Globalization;
using System.Xml.Linq;

namespace IlgpuSpp.Data;

/// <summary>Writes VOC folders. Crowds, which VOC has not, become difficult objects: neither is an object to be found.</summary>
internal sealed class VocWriter : IAnnotationWriter
{
    public string ImageFolder => "JPEGImages";

    public IEnumerable<string> Losses(FlagCounts flags)
    {
        if (flags.Crowd > 0) yield return FormattableString.Invariant($"{flags.Crowd:N0} crowds are written as difficult objects, as VOC knows no crowds");
    }

    public IReadOnlyList<string> Write(string folder, DetectionDataset data, IReadOnlyList<string> files)
    {
        foreach (string part in (ReadOnlySpan<string>)["Annotations", Path.Combine("ImageSets", "Main")]) Directory.CreateDirectory(Path.Combine(folder, part));
        for (int i = 0; i < data.Images.Count; i++)
        {
            XElement annotation = Annotation(data.Images[i], data.ClassNames, files[i]);
            AtomicFile.Write(Path.Combine(folder, "Annotations", Path.GetFileNameWithoutExtension(files[i]) + ".xml"), stream => annotation.Save(stream), durable: false);
        }
        foreach ((string set, int[] members) in AnnotationWriting.Sets(data))
            AnnotationWriting.Lines(Path.Combine(folder, "ImageSets", "Main", set + ".txt"), members.Select(i => Path.GetFileNameWithoutExtension(files[i])));
        return [folder];
    }

    /// <summary>The annotation of an image: pixels counted from 1, corners included.</summary>
    public static XElement Annotation(AnnotatedImage image, IReadOnlyList<string> classNames, string file) => new(
        "annotation",
        new XElement("filename", file),
        new XElement("size", new XElement("width", image.Width), new XElement("height", image.Height), new XElement("depth", 3)),
        image.Objects.Select(item => new XElement(
            "object",
            new XElement("name", classNames[item.Label]),
            new XElement("truncated", item.Truncated ? 1 : 0),
            new XElement("difficult", item.Ignored ? 1 : 0),
            new XElement("bndbox", Corner("xmin", item.Box.Left), Corner("ymin", item.Box.Top), Corner("xmax", item.Box.Right), Corner("ymax", item.Box.Bottom)))));

    private static XElement Corner(string name, double pixel) => new(name, (pixel + 1).ToString(CultureInfo.InvariantCulture));
}
