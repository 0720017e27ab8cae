using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>
/// Detections in a CSV file with the columns <c>image,class,score,x1,y1,x2,y2</c>: pixels counted from 1 and corners included, as in VOC's own result files.
/// Those in COCO's JSON form of results are read too.
/// </summary>
public static class DetectionsCsv
{
    private static readonly string[] Columns = ["image", "class", "score", "x1", "y1", "x2", "y2"];

    /// <summary>Reads detections for a data set.</summary>
    /// <param name="path">The CSV or JSON file.</param>
    /// <param name="truth">The images that they are in; an image may be named with or without its extension.</param>
    /// <param name="logger">Receives a note where detections of images or classes that are not in the truth are left out.</param>
    /// <returns>In the order of the lines.</returns>
    /// <exception cref="DatasetException">The file is missing or malformed; the message names the line.</exception>
    public static IReadOnlyList<ScoredBox> Read(string path, DetectionDataset truth, ILogger? logger = null)
    {
        if (!File.Exists(path)) throw new DatasetException(path, "there is no such file; check the path.");
        var images = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < truth.Images.Count; i++)
        {
            images[truth.Images[i].Name] = i;
            images.TryAdd(AnnotationValues.WithoutExtension(truth.Images[i].Name), i);
        }
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int label = 0; label < truth.ClassNames.Count; label++) labels.TryAdd(truth.ClassNames[label], label);
        var unknownImages = new HashSet<string>(StringComparer.Ordinal);
        var unknownClasses = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<ScoredBox>();
        foreach ((string name, string kind, double score, PixelBox box) in Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? CocoRows(path, truth) : Rows(path))
        {
            if (!images.TryGetValue(name, out int image) && !images.TryGetValue(AnnotationValues.WithoutExtension(name), out image)) unknownImages.Add(name);
            else if (!labels.TryGetValue(kind, out int label)) unknownClasses.Add(kind);
            else result.Add(new ScoredBox(image, label, score, box));
        }
        logger ??= NullLogger.Instance;
        if (unknownImages.Count > 0) logger.LogWarning("{Path}: the detections in {Count} images that the truth does not have are left out, {First} the first of them.", path, unknownImages.Count, unknownImages.First());
        if (unknownClasses.Count > 0) logger.LogWarning("{Path}: the truth has no objects of {Classes}; these detections are left out.", path, string.Join(", ", unknownClasses.Order(StringComparer.Ordinal)));
        return result;
    }

    private static IEnumerable<(string Image, string Class, double Score, PixelBox Box)> Rows(string path)
    {
        using CsvTable table = CsvTable.Open(path, Columns);
        while (table.Next()) yield return (table.Text("image"), table.Text("class"), table.Number("score"), table.Box());
    }

    private static IEnumerable<(string Image, string Class, double Score, PixelBox Box)> CocoRows(string path, DetectionDataset truth)
    {
        if (truth.LabelsById is not { } labels) throw new DatasetException(path, "holds COCO's ids of images and categories, which only a truth in COCO's form has; give the detections as CSV.");
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (AnnotatedImage image in truth.Images) names[image.Id ?? image.Name] = image.Name;
        foreach (CocoAnnotation item in CocoFile.ReadResults(path))
            yield return (names.GetValueOrDefault(item.ImageId!, item.ImageId!), labels.TryGetValue(item.CategoryId!, out int label) ? truth.ClassNames[label] : item.CategoryId!, item.Score!.Value, CocoFile.Box(item.Box!));
    }

    /// <summary>Writes detections, whole or not at all.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="data">The images and classes.</param>
    /// <param name="detections">The detections.</param>
    /// <param name="spreadsheetSafe">Whether names that a spreadsheet would take for a formula (=, +, -, @ and tabs in front) get an apostrophe; such a file does not read back.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, DetectionDataset data, IEnumerable<ScoredBox> detections, bool spreadsheetSafe = false) => CsvTable.Write(path, Columns, detections.Select(detection => (string[])
    [
        .. new[] { data.Images[detection.Image].Name, data.ClassNames[detection.Label] }.Select(name => spreadsheetSafe ? CsvTable.SpreadsheetText(name) : name),
        detection.Score.ToString("R", CultureInfo.InvariantCulture),
        .. new[] { detection.Box.Left, detection.Box.Top, detection.Box.Right, detection.Box.Bottom }.Select(corner => (corner + 1).ToString("0.###", CultureInfo.InvariantCulture)),
    ]));
}
