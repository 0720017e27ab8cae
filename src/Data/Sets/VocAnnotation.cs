using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>One XML file of a VOC data set, as it stands: boxes are neither checked nor clipped.</summary>
/// <param name="FileName">The image's file name, or null where the annotation names none.</param>
/// <param name="Width">Width in pixels, or 0 where the annotation does not say.</param>
/// <param name="Height">Height in pixels, or 0 where the annotation does not say.</param>
/// <param name="Objects">The objects with their class names; labels are 0.</param>
internal sealed partial record VocAnnotation(string? FileName, int Width, int Height, IReadOnlyList<(string Class, AnnotatedObject Object)> Objects)
{
    // VOC's own files have five levels. Reading takes time quadratic in the depth.
    private const int MaxDepth = 256;

    /// <summary>Reads a file. Parts of objects (VOC's person layout) are passed over, objects without a box left out with a warning.</summary>
    /// <exception cref="DatasetException">The file is not XML, or an object lacks its name or has a damaged box.</exception>
    public static VocAnnotation Read(string path, bool needBoxes, ILogger logger)
    {
        XElement root = Load(path);
        XElement? size = root.Element("size");
        var objects = new List<(string, AnnotatedObject)>();
        foreach (XElement item in root.Elements("object"))
        {
            string name = item.Element("name")?.Value.Trim() is { Length: > 0 } text ? text : throw Refusal(path, item, "has an object without a name; add <name>.");
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
        double Corner(XElement box, string corner) => box.Element(corner) is not { } element ? throw Refusal(path, box, $"has a box without <{corner}>; add it.")
            : AnnotationValues.Number(element.Value) is { } value ? value - 1
            : throw Refusal(path, element, $"has '{AnnotationValues.Shown(element.Value)}' for {corner}; it should be a number.");

        bool Flag(XElement item, string flag) => item.Element(flag) is not { } element ? false
            : AnnotationValues.Flag(element.Value) ?? (flag == "truncated" && element.Value.Trim().Equals("Unspecified", StringComparison.OrdinalIgnoreCase) ? false
            : throw Refusal(path, element, $"has '{AnnotationValues.Shown(element.Value)}' for {flag}; it should be 0 or 1."));
    }

    private static DatasetException Refusal(string path, IXmlLineInfo place, string reason) => new(FormattableString.Invariant($"{path}, line {place.LineNumber}"), reason);

    // A document type is skipped, and nothing that it names is fetched.
    private static XElement Load(string path)
    {
        string text = Decoded(path, File.ReadAllBytes(path));
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, CheckCharacters = true };
        try
        {
            using (var depth = XmlReader.Create(new StringReader(text), settings))
                while (depth.Read())
                    if (depth.Depth > MaxDepth) throw new DatasetException(path, $"has elements nested more than {MaxDepth} deep; it is no annotation.");
            using var reader = XmlReader.Create(new StringReader(text), settings);
            return XElement.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (XmlException error)
        {
            throw new DatasetException(FormattableString.Invariant($"{path}, line {error.LineNumber}"), "is not well-formed XML; mend or remove the file.", error);
        }
    }

    // Marks of the byte order count, then the declaration, which may name any code page, then UTF-8.
    private static string Decoded(string path, byte[] bytes)
    {
        Encoding encoding = Encoding.UTF8;
        if (bytes is not ([0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) && Declaration().Match(Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 200))) is { Success: true } match)
        {
            string name = match.Groups[1].Value;
            try
            {
                if (!name.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase)) encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            }
            catch (ArgumentException error)
            {
                throw new DatasetException(path, $"is declared to be in the encoding '{AnnotationValues.Shown(name)}', which is not known; save it as UTF-8.", error);
            }
        }
        using var reader = new StreamReader(new MemoryStream(bytes), encoding, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("""^\s*(?:ï»¿)?<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")]
    private static partial Regex Declaration();
}
