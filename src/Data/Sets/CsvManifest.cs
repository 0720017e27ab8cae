namespace IlgpuSpp.Data;

/// <summary>
/// A data set listed in a CSV file with a header: the columns <c>file</c> and <c>class</c>, and optionally <c>split</c>
/// with <c>train</c>, <c>val</c> (or <c>valid</c>, <c>validation</c>) or <c>test</c>, or nothing. Column names in any case,
/// other columns are passed over, paths are relative to the manifest.
/// </summary>
internal static class CsvManifest
{
    /// <summary>Opens a manifest.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="limits">The largest image accepted; the decoder's own limits where <see langword="null"/>.</param>
    /// <param name="allowOutside">Whether the manifest may name images outside its folder.</param>
    /// <returns>The samples in the order of the lines; classes in ordinal order of their names.</returns>
    /// <exception cref="DatasetException">The manifest is missing, empty or malformed, names a file that does not exist, or has a single class; the message names the line.</exception>
    public static ImageDataset Open(string path, ImageLimits? limits = null, bool allowOutside = false) => Read(new DataFiles(), path, minimumClasses: 2, limits, allowOutside);

    internal static ImageDataset Read(DataFiles files, string path, int minimumClasses, ImageLimits? limits = null, bool allowOutside = false)
    {
        string root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<Row> rows;
        try
        {
            rows = ReadRows(files, path, root, allowOutside);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException(path, "cannot be read; change its permissions.", e);
        }
        catch (DataFormatException e)
        {
            throw new DatasetException(e.Path ?? path, e.Reason, e);
        }
        if (rows.Count == 0) throw new DatasetException(path, "lists no images; add one line for every image below the header.");
        RefuseMissingFiles(files, path, root, rows);

        string[] classes = [.. rows.Select(r => r.Class).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < minimumClasses)
            throw new DatasetException(path, $"holds a single class, '{classes[0]}'; a classifier needs at least two.");
        RefuseUntrainedClasses(path, rows);

        var source = new FileImageSource(files, root, [.. rows.Select(r => r.File)], limits);
        return new ImageDataset(path, classes, source, rows.Select((r, i) => new ImageSample(r.File, Array.BinarySearch(classes, r.Class, StringComparer.Ordinal), i, r.Part)));
    }

    private static List<Row> ReadRows(DataFiles files, string path, string root, bool allowOutside)
    {
        var rows = new List<Row>();
        var lineOf = new Dictionary<string, int>(StringComparer.Ordinal);
        using CsvTable table = CsvTable.Open(files, path, "file", "class");
        while (table.Next())
        {
            string file = AnnotationValues.ImagePath(root, table.Text("file"), allowOutside, out string refusal) ?? throw table.Refusal(refusal);
            if (!lineOf.TryAdd(file, table.Line)) throw table.Refusal($"lists {file} again after line {lineOf[file]}; remove one of the two lines.");
            rows.Add(new Row(file, table.Text("class"), PartOf(table), table.Line));
        }
        return rows;
    }

    private static DatasetPart PartOf(CsvTable table) => table.Optional("split").ToUpperInvariant() switch
    {
        "" => DatasetPart.Unassigned,
        "TRAIN" => DatasetPart.Train,
        "VAL" or "VALID" or "VALIDATION" => DatasetPart.Validation,
        "TEST" => DatasetPart.Test,
        _ => throw table.Refusal($"has the split '{AnnotationValues.Shown(table.Optional("split"))}'; it should be train, val, test or nothing."),
    };

    private static void RefuseMissingFiles(DataFiles files, string path, string root, List<Row> rows)
    {
        Row[] missing = [.. rows.Where(r => !files.HasFile(Path.Combine(root, r.File)))];
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
