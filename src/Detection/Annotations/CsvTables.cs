using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using IlgpuSpp.Data;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>Reading of CSV files with a header, with errors that name the line.</summary>
internal static class CsvTables
{
    public static CsvConfiguration Configuration => new(CultureInfo.InvariantCulture)
    {
        TrimOptions = TrimOptions.Trim,
        PrepareHeaderForMatch = header => header.Header.Trim().ToUpperInvariant(),
        MissingFieldFound = null,
        DetectColumnCountChanges = false,
    };

    public static void ReadHeader(CsvReader csv, string path, string[] columns)
    {
        if (!csv.Read() || !csv.ReadHeader()) throw new DatasetException(path, $"is empty; it should begin with the header {string.Join(',', columns)}.");
        foreach (string column in columns)
        {
            if (!csv.HeaderRecord!.Any(name => name.Trim().Equals(column, StringComparison.OrdinalIgnoreCase)))
                throw new DatasetException(path, $"has no column '{column}'; the header should be {string.Join(',', columns)}, but is {string.Join(',', csv.HeaderRecord!)}.");
        }
    }

    public static bool Next(CsvReader csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvHelperException e)
        {
            throw new DatasetException(At(csv, path), "is not well-formed CSV (look for a stray quotation mark); mend or remove the line.", e);
        }
    }

    public static string Text(CsvReader csv, string column, string path) => csv.GetField(column) is { Length: > 0 } text
        ? text
        : throw new DatasetException(At(csv, path), $"has no value for '{column}'; fill it in or remove the line.");

    public static double Number(CsvReader csv, string column, string path) =>
        double.TryParse(Text(csv, column, path), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new DatasetException(At(csv, path), $"has '{csv.GetField(column)}' for '{column}'; it should be a number.");

    /// <summary>The columns x1, y1, x2, y2, counted from 1, as a 0-based box.</summary>
    public static PixelBox Box(CsvReader csv, string path) =>
        new(Number(csv, "x1", path) - 1, Number(csv, "y1", path) - 1, Number(csv, "x2", path) - 1, Number(csv, "y2", path) - 1);

    private static string At(CsvReader csv, string path) => FormattableString.Invariant($"{path}, line {csv.Parser.RawRow}");
}
