using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets listed in a CSV file with the columns <c>file,class,x1,y1,x2,y2</c> and optionally <c>difficult</c>, <c>crowd</c> and <c>truncated</c>: one line an object,
/// pixels counted from 1 and corners included as in VOC. A line with a file only is an image without objects. Paths are relative to the file.
/// </summary>
internal static class BoxTable
{
    /// <summary>Opens a file: images in the order in which they are first named, classes in ordinal order.</summary>
    /// <exception cref="DatasetException">The file is missing, empty or malformed; the message names the line.</exception>
    public static DetectionDataset Open(DataFiles files, string path, AnnotationOptions options, ILogger logger)
    {
        string root = options.Images ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        var byFile = new Dictionary<string, List<(string Class, AnnotatedObject Object, string Place)>>(StringComparer.Ordinal);
        var order = new List<string>();
        using (CsvTable table = CsvTable.Open(files, path, "file", "class", "x1", "y1", "x2", "y2"))
        {
            while (table.Next())
            {
                string file = AnnotationValues.ImagePath(root, table.Text("file"), options.AllowOutside, out string refusal) ?? throw table.Refusal(refusal);
                if (!byFile.TryGetValue(file, out List<(string, AnnotatedObject, string)>? objects))
                {
                    byFile.Add(file, objects = []);
                    order.Add(file);
                }
                string kind = table.Optional("class");
                if (kind.Length > 0)
                    objects.Add((kind, new AnnotatedObject(0, table.Box(), table.Flag("difficult"), table.Flag("truncated"), table.Flag("crowd")), FormattableString.Invariant($"{path}, line {table.Line}")));
            }
        }
        if (order.Count == 0) throw new DatasetException(path, "lists no images; add one line for every object below the header.");
        string[] classes = [.. byFile.Values.SelectMany(list => list).Select(item => item.Class).Distinct().Order(StringComparer.Ordinal)];
        var images = new List<ReadImage>();
        var missing = new List<string>();
        foreach (string file in order)
        {
            bool exists = files.HasFile(Path.Combine(root, file));
            if (!exists && options.NeedImages)
            {
                missing.Add(file);
                continue;
            }
            images.Add(new ReadImage(file, exists ? file : null, 0, 0, [.. byFile[file].Select(item =>
                (item.Object with { Label = Array.BinarySearch(classes, item.Class, StringComparer.Ordinal) }, item.Place))]));
        }
        AnnotationReader.CheckMissing(files, path, root, images.Count, missing, logger);
        return AnnotationReader.Build(files, path, root, classes, images, options, logger);
    }
}
