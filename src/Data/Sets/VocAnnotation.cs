using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>One XML file of a VOC data set, as it stands: boxes are neither checked nor clipped.</summary>
/// <param name="FileName">The image's file name, or null where the annotation names none.</param>
/// <param name="Width">Width in pixels, or 0 where the annotation does not say.</param>
/// <param name="Height">Height in pixels, or 0 where the annotation does not say.</param>
/// <param name="Objects">The objects with their class names; labels are 0.</param>
internal sealed record VocAnnotation(string? FileName, int Width, int Height, IReadOnlyList<(string Class, AnnotatedObject Object)> Objects)
{
    /// <summary>Reads a file. Parts of objects (VOC's person layout) are passed over, objects without a box left out with a warning.</summary>
    /// <exception cref="DatasetException">The file is not XML, or an object lacks its name or has a damaged box.</exception>
    public static VocAnnotation Read(DataFiles files, string path, bool needBoxes, ILogger logger)
    {
        XElement root = AnnotationXml.Load(files, path);
        XElement? size = root.Element("size");
        var objects = new List<(string, AnnotatedObject)>();
        foreach (XElement item in root.Elements("object"))
        {
            string name = item.Element("name")?.Value.Trim() is { Length: > 0 } text ? text : throw AnnotationXml.Refusal(path, item, "has an object without a name; add <name>.");
            if (item.Element("bndbox") is { } box)
                objects.Add((name, new AnnotatedObject(0, new PixelBox(Corner(box, "xmin"), Corner(box, "ymin"), Corner(box, "xmax"), Corner(box, "ymax")), Flag(item, "difficult"), Flag(item, "truncated"))));
            else if (!needBoxes)
                objects.Add((name, new AnnotatedObject(0, new PixelBox(0, 0, 0, 0), Flag(item, "difficult"))));
            else
                logger.LogWarning("{Path}, line {Line}: the object '{Name}' has no <bndbox>; it is left out.", path, ((IXmlLineInfo)item).LineNumber, AnnotationValues.Shown(name));
        }
        return new VocAnnotation(root.Element("filename")?.Value.Trim(), Side("width"), Side("height"), objects);

        int Side(string name) => AnnotationValues.Number(size?.Element(name)?.Value) is >= 1 and <= int.MaxValue and var side ? (int)side : 0;

        // VOC counts pixels from 1.
        double Corner(XElement box, string corner) => box.Element(corner) is not { } element ? throw AnnotationXml.Refusal(path, box, $"has a box without <{corner}>; add it.")
            : AnnotationValues.Number(element.Value) is { } value ? value - 1
            : throw AnnotationXml.Refusal(path, element, $"has '{AnnotationValues.Shown(element.Value)}' for {corner}; it should be a number.");

        bool Flag(XElement item, string flag) => item.Element(flag) is not { } element ? false
            : AnnotationValues.Flag(element.Value) ?? (flag == "truncated" && element.Value.Trim().Equals("Unspecified", StringComparison.OrdinalIgnoreCase) ? false
            : throw AnnotationXml.Refusal(path, element, $"has '{AnnotationValues.Shown(element.Value)}' for {flag}; it should be 0 or 1."));
    }
}
