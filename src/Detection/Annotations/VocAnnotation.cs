using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using IlgpuSpp.Data;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>One XML file of a VOC data set, as it stands: boxes are neither checked nor clipped.</summary>
/// <param name="FileName">The image's file name, or null where the annotation names none.</param>
/// <param name="Width">Width in pixels, or 0 where the annotation does not say.</param>
/// <param name="Height">Height in pixels, or 0 where the annotation does not say.</param>
/// <param name="Objects">Class name, 0-based box, difficult, truncated.</param>
internal sealed record VocAnnotation(string? FileName, int Width, int Height, IReadOnlyList<(string Class, PixelBox Box, bool Difficult, bool Truncated)> Objects)
{
    /// <summary>Reads a file. Parts of objects (VOC's person layout) are passed over.</summary>
    /// <exception cref="DatasetException">The file is not XML or an object lacks its name or box.</exception>
    public static VocAnnotation Read(string path)
    {
        XElement root;
        try
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            root = XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw new DatasetException(path, $"is not well-formed XML ({e.Message.TrimEnd('.')}); mend or remove it.", e);
        }
        XElement? size = root.Element("size");
        return new VocAnnotation(root.Element("filename")?.Value.Trim(), Side("width"), Side("height"), [.. root.Elements("object").Select(item => Object(path, item))]);

        int Side(string name) => double.TryParse(size?.Element(name)?.Value, CultureInfo.InvariantCulture, out double side) && side is >= 1 and <= int.MaxValue ? (int)side : 0;
    }

    private static (string, PixelBox, bool, bool) Object(string path, XElement item)
    {
        string name = item.Element("name")?.Value.Trim() is { Length: > 0 } text ? text : throw new DatasetException(path, "has an object without a name; add <name>.");
        XElement box = item.Element("bndbox") ?? throw new DatasetException(path, $"has an object '{name}' without a box; add <bndbox>.");
        return (name, new PixelBox(Corner("xmin"), Corner("ymin"), Corner("xmax"), Corner("ymax")), Flag("difficult"), Flag("truncated"));

        // VOC counts pixels from 1.
        double Corner(string corner) => double.TryParse(box.Element(corner)?.Value, CultureInfo.InvariantCulture, out double value)
            ? value - 1
            : throw new DatasetException(path, $"the box of '{name}' lacks a number for {corner}; add it.");

        bool Flag(string flag) => item.Element(flag)?.Value.Trim() is "1" or "true";
    }
}
