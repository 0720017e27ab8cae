using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace IlgpuSpp.Detection;

/// <summary>
/// Windows looked up in a table by the image's name. Table and data set may name images with or without extension, and with different folders as long as the names
/// in them differ. Thread-safe.
/// </summary>
public sealed class TableProposals : IProposalMethod
{
    private readonly ProposalTable _table;
    private readonly int _most;
    private readonly HashSet<string> _files;
    private readonly ILookup<string, string> _byName, _byLastPart;

    /// <summary>Creates the method.</summary>
    /// <param name="table">The table.</param>
    /// <param name="most">Most windows of an image, the first of the table; 0 for all.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is negative.</exception>
    public TableProposals(ProposalTable table, int most = 0)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        (_table, _most) = (table, most);
        _files = new HashSet<string>(table.Files, StringComparer.Ordinal);
        _byName = table.Files.ToLookup(AnnotationValues.WithoutExtension, StringComparer.Ordinal);
        _byLastPart = table.Files.ToLookup(LastPart, StringComparer.Ordinal);
        Fingerprint = $"table {Hash(table)} most={most.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <inheritdoc/>
    public string Name => $"windows of {Path.GetFileName(_table.Path)}";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public void Check(IReadOnlyList<string> files)
    {
        string[] missing = [.. files.Where(file => Find(file) is null)];
        if (missing.Length > 0) throw Missing(missing[0], missing.Length - 1);
    }

    /// <inheritdoc/>
    /// <exception cref="DatasetException">The table has no windows for this image.</exception>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
    {
        IReadOnlyList<PixelBox> boxes = _table.Find(Find(file) ?? throw Missing(file, 0));
        return _most == 0 || boxes.Count <= _most ? boxes : [.. boxes.Take(_most)];
    }

    // The name in the table.
    private string? Find(string file)
    {
        string name = file.Replace('\\', '/');
        if (_files.Contains(name)) return name;
        string[] alike = [.. _byName[AnnotationValues.WithoutExtension(name)]];
        if (alike.Length == 0) alike = [.. _byLastPart[LastPart(name)]];
        return alike.Length switch
        {
            0 => null,
            1 => alike[0],
            _ => throw new DatasetException(_table.Path, $"names '{alike[0]}' and '{alike[1]}', either of which may be '{file}'; name the images in it as the data set does."),
        };
    }

    private DatasetException Missing(string file, int others) => new(
        _table.Path,
        string.Create(CultureInfo.InvariantCulture, $"has no windows for the image '{file}'{(others > 0 ? $" and {others} more" : "")}; add lines with this name in the column 'file', or name another table."));

    private static string LastPart(string file) => AnnotationValues.WithoutExtension(file[(file.LastIndexOf('/') + 1)..]);

    private static string Hash(ProposalTable table)
    {
        var text = new StringBuilder();
        foreach (string file in table.Files)
        {
            text.Append(file).Append('\n');
            foreach (PixelBox box in table.Find(file)) text.Append(CultureInfo.InvariantCulture, $"{box.Left:R} {box.Top:R} {box.Right:R} {box.Bottom:R}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
