using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>
/// A data set listed in a CSV file with a header: the columns <c>file</c> and <c>class</c>, and optionally <c>split</c>
/// with <c>train</c>, <c>val</c> (or <c>valid</c>, <c>validation</c>) or <c>test</c>, or nothing. Column names in any case,
/// other columns are passed over, paths are relative to the manifest.
/// </summary>
public static class CsvManifest
{
    /// <summary>Opens a manifest.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="limits">The largest image accepted; the decoder's own limits where <see langword="null"/>.</param>
    /// <returns>The samples in the order of the lines; classes in ordinal order of their names.</returns>
    /// <exception cref="DatasetException">The manifest is missing, empty or malformed, names a file that does not exist, or has a single class; the message names the line.</exception>
    public static ImageDataset Open(string path, ImageLimits? limits = null) => Read(path, minimumClasses: 2, limits);

    internal static ImageDataset Read(string path, int minimumClasses, ImageLimits? limits = null)
    {
        if (!File.Exists(path)) throw new DatasetException(path, "there is no such file; check the path.");
        string root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<Row> rows;
        try
        {
            rows = ReadRows(path, root);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException(path, $"cannot be read ({e.Message}); change its permissions.", e);
        }
        if (rows.Count == 0) throw new DatasetException(path, "lists no images; add one line for every image below the header.");
        RefuseMissingFiles(path, root, rows);

        string[] classes = [.. rows.Select(r => r.Class).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < minimumClasses)
            throw new DatasetException(path, $"holds a single class, '{classes[0]}'; a classifier needs at least two.");
        RefuseUntrainedClasses(path, rows);

        var source = new FileImageSource(root, [.. rows.Select(r => r.File)], limits);
        return new ImageDataset(path, classes, source, rows.Select((r, i) => new ImageSample(r.File, Array.BinarySearch(classes, r.Class, StringComparer.Ordinal), i, r.Part)));
    }

    private static List<Row> ReadRows(string path, string root)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            PrepareHeaderForMatch = header => header.Header.Trim().ToUpperInvariant(),
            MissingFieldFound = null,
            DetectColumnCountChanges = false,
        };
        var rows = new List<Row>();
        var lineOf = new Dictionary<string, int>(StringComparer.Ordinal);
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, configuration);
        try
        {
            if (!csv.Read() || !csv.ReadHeader()) throw new DatasetException(path, "is empty; it should begin with the header file,class or file,class,split.");
            foreach (string column in (ReadOnlySpan<string>)["file", "class"])
            {
                if (!csv.HeaderRecord!.Any(h => h.Trim().Equals(column, StringComparison.OrdinalIgnoreCase)))
                    throw new DatasetException(path, $"has no column '{column}'; the header should be file,class or file,class,split, but is {string.Join(',', csv.HeaderRecord!)}.");
            }
            bool hasSplit = csv.HeaderRecord!.Any(h => h.Trim().Equals("split", StringComparison.OrdinalIgnoreCase));
            while (csv.Read())
            {
                int line = csv.Parser.RawRow;
                string file = Required(csv, "file", path, line).Replace('\\', '/');
                string name = Required(csv, "class", path, line);
                DatasetPart part = hasSplit ? PartOf(csv.GetField("split") ?? "", path, line) : DatasetPart.Unassigned;
                string full = Path.GetFullPath(Path.Combine(root, file));
                if (!lineOf.TryAdd(full, line))
                    throw new DatasetException(At(path, line), $"lists {file} again after line {lineOf[full]}; remove one of the two lines.");
                rows.Add(new Row(file, name, part, line));
            }
        }
        catch (CsvHelperException e)
        {
            throw new DatasetException(At(path, csv.Parser.RawRow), "is not well-formed CSV (look for a stray quotation mark); mend or remove the line.", e);
        }
        return rows;
    }

    private static string Required(CsvReader csv, string column, string path, int line)
    {
        string? value = csv.GetField(column);
        return string.IsNullOrWhiteSpace(value) ? throw new DatasetException(At(path, line), $"has no value for '{column}'; fill it in or remove the line.") : value;
    }

    private static DatasetPart PartOf(string text, string path, int line) => text.ToUpperInvariant() switch
    {
        "" => DatasetPart.Unassigned,
        "TRAIN" => DatasetPart.Train,
        "VAL" or "VALID" or "VALIDATION" => DatasetPart.Validation,
        "TEST" => DatasetPart.Test,
        _ => throw new DatasetException(At(path, line), $"has the split '{text}'; it should be train, val, test or nothing."),
    };

    private static void RefuseMissingFiles(string path, string root, List<Row> rows)
    {
        Row[] missing = [.. rows.Where(r => !File.Exists(Path.Combine(root, r.File)))];
        if (missing.Length == 0) return;
        string others = missing.Length == 1 ? "" : $" ({missing.Length} files in all are missing)";
        throw new DatasetException(At(path, missing[0].Line), $"names {missing[0].File}, which does not exist{others}; paths are relative to the manifest's folder.");
    }

    private static void RefuseUntrainedClasses(string path, List<Row> rows)
    {
        if (!rows.Exists(r => r.Part == DatasetPart.Train)) return;
        var trained = rows.Where(r => r.Part is DatasetPart.Train or DatasetPart.Unassigned).Select(r => r.Class).ToHashSet(StringComparer.Ordinal);
        if (rows.Find(r => !trained.Contains(r.Class)) is { } row)
            throw new DatasetException(At(path, row.Line), $"has the class '{row.Class}', of which there are no training images; the classes of the held-out part must be those of the training part.");
    }

    private static string At(string path, int line) => FormattableString.Invariant($"{path}, line {line}");

    private sealed record Row(string File, string Class, DatasetPart Part, int Line);
}
