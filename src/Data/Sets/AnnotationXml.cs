using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace IlgpuSpp.Data;

/// <summary>Reads annotations in XML, VOC's and CVAT's.</summary>
internal static partial class AnnotationXml
{
    // VOC's own files have five levels. Reading takes time quadratic in the depth.
    private const int MaxDepth = 256;

    /// <summary>A failure that names the line.</summary>
    public static DatasetException Refusal(string path, IXmlLineInfo place, string reason) => new(FormattableString.Invariant($"{path}, line {place.LineNumber}"), reason);

    /// <summary>Reads a file.</summary>
    /// <exception cref="DatasetException">It is not XML, or in an encoding that is not known.</exception>
    // A document type is skipped, and nothing that it names is fetched.
    public static XElement Load(DataFiles files, string path)
    {
        string text = Decoded(path, files.Read(path));
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
