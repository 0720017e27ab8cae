using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using IlgpuSpp.Data;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Data sets listed in a CSV file with the columns <c>file,class,x1,y1,x2,y2</c> and optionally <c>difficult</c>: one line an object, pixels counted
/// from 1 and corners included as in VOC. A line with a file only is an image without objects. Paths are relative to the file.
/// </summary>
public static class DetectionCsv
{
    private static readonly string[] Columns = ["file", "class", "x1", "y1", "x2", "y2"];

    /// <summary>Opens a file.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="logger">Receives what had to be mended or left out.</param>
    /// <returns>Images in the order in which they are first named; classes in ordinal order.</returns>
    /// <exception cref="DatasetException">The file is missing, empty or malformed; the message names the line.</exception>
    public static DetectionDataset Open(string path, ILogger? logger = null)
    {
        logger ??= NullLogger.Instance;
        if (!File.Exists(path)) throw new DatasetException(path, "there is no such file; check the path.");
        string root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var objects = new Dictionary<string, List<(string Class, PixelBox Box, bool Difficult, int Line)>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach ((string file, string kind, PixelBox box, bool difficult, int line) in Rows(path))
        {
            if (!objects.TryGetValue(file, out var list))
            {
                objects.Add(file, list = []);
                order.Add(file);
            }
            if (kind.Length > 0) list.Add((kind, box, difficult, line));
        }
        if (order.Count == 0) throw new DatasetException(path, "lists no images; add one line for every object below the header.");
        string[] classes = [.. objects.Values.SelectMany(list => list).Select(item => item.Class).Distinct().Order(StringComparer.Ordinal)];
        var files = new List<string>();
        var images = new List<AnnotatedImage>();
        foreach (string file in order)
        {
            if (ImageSizes.Read(Path.Combine(root, file), logger) is not { } size) continue;
            var inside = new List<AnnotatedObject>();
            foreach ((string kind, PixelBox box, bool difficult, int line) in objects[file])
            {
                if (BoxReading.Inside(box, size.Width, size.Height, $"{path}, line {line}", logger) is { } clipped)
                    inside.Add(new AnnotatedObject(Array.BinarySearch(classes, kind, StringComparer.Ordinal), clipped, difficult));
            }
            images.Add(new AnnotatedImage(file, files.Count, size.Width, size.Height, inside));
            files.Add(file);
        }
        if (images.Count == 0) throw new DatasetException(path, "names no image that can be read; paths are relative to the file's folder.");
        return new DetectionDataset(path, classes, images, new FileImageSource(root, files));
    }

    private static List<(string File, string Class, PixelBox Box, bool Difficult, int Line)> Rows(string path)
    {
        var rows = new List<(string, string, PixelBox, bool, int)>();
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, CsvTables.Configuration);
        CsvTables.ReadHeader(csv, path, Columns);
        while (CsvTables.Next(csv, path))
        {
            int line = csv.Parser.RawRow;
            string file = CsvTables.Text(csv, "file", path).Replace('\\', '/');
            string kind = csv.GetField("class")?.Trim() ?? "";
            bool difficult = csv.TryGetField("difficult", out string? flag) && flag is "1" or "true";
            PixelBox box = kind.Length == 0 ? default : CsvTables.Box(csv, path);
            rows.Add((file, kind, box, difficult, line));
        }
        return rows;
    }
}
