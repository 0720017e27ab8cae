using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace IlgpuSpp.Data;

/// <summary>A CSV file with a header, read line by line: column names in any case, other columns passed over, errors that name the line.</summary>
internal sealed class CsvTable : IDisposable
{
    private readonly string _path;
    private readonly CsvReader _csv;
    private readonly HashSet<string> _columns = new(StringComparer.OrdinalIgnoreCase);

    private CsvTable(string path, CsvReader csv) => (_path, _csv) = (path, csv);

    /// <summary>The line read, counted from 1; the header is one.</summary>
    public int Line => _csv.Parser.RawRow;

    /// <summary>Opens a file that has some columns.</summary>
    /// <exception cref="DatasetException">There is no such file, it is empty, or it lacks a column.</exception>
    public static CsvTable Open(string path, params ReadOnlySpan<string> columns) => Open(new DataFiles(), path, columns);

    /// <summary>The same of a file that may lie in an archive.</summary>
    /// <exception cref="DatasetException">There is no such file, it is empty, or it lacks a column.</exception>
    public static CsvTable Open(DataFiles files, string path, params ReadOnlySpan<string> columns)
    {
        if (!files.HasFile(path)) throw new DatasetException(path, "there is no such file; check the path.");
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            PrepareHeaderForMatch = header => header.Header.Trim().ToUpperInvariant(),
            MissingFieldFound = null,
            DetectColumnCountChanges = false,
        };
        string expected = string.Join(',', columns);
        var table = new CsvTable(path, new CsvReader(new StreamReader(files.Open(path)), configuration));
        try
        {
            if (!table.Read(csv => csv.Read() && csv.ReadHeader())) throw new DatasetException(path, $"is empty; it should begin with the header {expected}.");
            table._columns.UnionWith(table._csv.HeaderRecord!.Select(name => name.Trim()));
            foreach (string column in columns)
                if (!table.Has(column)) throw new DatasetException(path, $"has no column '{column}'; the header should be {expected}.");
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Writes a table, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Its header.</param>
    /// <param name="rows">The values of each line, in the order of the header.</param>
    /// <param name="newLine">What ends a line.</param>
    public static void Write(string path, IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows, string newLine = "\r\n") => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, leaveOpen: true);
        using var writer = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = newLine });
        foreach (IEnumerable<string> row in rows.Prepend(columns))
        {
            foreach (string value in row) writer.WriteField(value);
            writer.NextRecord();
        }
    });

    /// <summary>A name as spreadsheets show it and do not run it: with an apostrophe in front where they would take it for a formula. Numbers are not to be passed through here.</summary>
    public static string SpreadsheetText(string name) => name.Length > 0 && (name[0] is '=' or '+' or '-' or '@' or '\t' or '\r') ? "'" + name : name;

    /// <summary>Whether there is a column.</summary>
    public bool Has(string column) => _columns.Contains(column);

    /// <summary>Steps to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next() => Read(csv => csv.Read());

    /// <summary>The value of a column, empty where there is none.</summary>
    public string Optional(string column) => Has(column) ? Read(csv => csv.GetField(column))?.Trim() ?? "" : "";

    /// <summary>The value of a column, which must not be empty.</summary>
    public string Text(string column) => Optional(column) is { Length: > 0 } text ? text : throw Refusal($"has no value for '{column}'; fill it in or remove the line.");

    public double Number(string column) => AnnotationValues.Number(Text(column)) ?? throw Refusal($"has '{AnnotationValues.Shown(Text(column))}' for '{column}'; it should be a number.");

    /// <summary>A flag; false where the column is empty or missing.</summary>
    public bool Flag(string column) => AnnotationValues.Flag(Optional(column)) ?? throw Refusal($"has '{AnnotationValues.Shown(Optional(column))}' for '{column}'; it should be 0 or 1.");

    /// <summary>The columns x1, y1, x2, y2, counted from 1, as a box counted from 0.</summary>
    public PixelBox Box() => new(Number("x1") - 1, Number("y1") - 1, Number("x2") - 1, Number("y2") - 1);

    /// <summary>A failure that names the line.</summary>
    public DatasetException Refusal(string reason, Exception? inner = null) => new(FormattableString.Invariant($"{_path}, line {Line}"), reason, inner);

    public void Dispose() => _csv.Dispose();

    private T Read<T>(Func<CsvReader, T> read)
    {
        try
        {
            return read(_csv);
        }
        catch (CsvHelperException error)
        {
            throw Refusal("is not well-formed CSV (look for a stray quotation mark); mend or remove the line.", error);
        }
    }
}
