using System.Globalization;

namespace IlgpuSpp.Detection;

/// <summary>
/// Windows computed elsewhere, by file name. The CSV has a header with the columns <c>file, x1, y1, x2, y2</c> and perhaps <c>score</c>,
/// in any order and case; other columns are passed over. A line with a file and no corners says that the file has no windows. Corners are pixels, both included. With scores the windows of a file are put
/// in order, the highest first and equal ones as they come; without, they stay in the order of the lines.
/// </summary>
public sealed class ProposalTable
{
    private static readonly string[] Required = ["file", "x1", "y1", "x2", "y2"];
    private readonly Dictionary<string, PixelBox[]> _boxes;

    private ProposalTable(string path, Dictionary<string, PixelBox[]> boxes)
    {
        Path = path;
        _boxes = boxes;
    }

    /// <summary>The CSV file.</summary>
    public string Path { get; }

    /// <summary>The files that have windows, with forward slashes, in the order of their first lines.</summary>
    public IReadOnlyCollection<string> Files => _boxes.Keys;

    /// <summary>Windows of all files together.</summary>
    public long Count => _boxes.Values.Sum(b => (long)b.Length);

    /// <summary>Reads a table.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="firstPixel">The number of an image's first row and column in the file: 0, or 1 for coordinates made by MATLAB or in the style of VOC. The windows returned are 0-based.</param>
    /// <exception cref="DatasetException">The file is missing or malformed; the message names the line.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The first pixel is neither 0 nor 1.</exception>
    public static ProposalTable Read(string path, int firstPixel = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (firstPixel is not (0 or 1)) throw new ArgumentOutOfRangeException(nameof(firstPixel), firstPixel, "The first pixel should be 0 or 1.");
        if (!File.Exists(path)) throw new DatasetException(path, "there is no such file; check the path.");
        Dictionary<string, List<(PixelBox Box, double Score)>> rows;
        try
        {
            rows = ReadRows(path, firstPixel);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new DatasetException(path, $"cannot be read ({e.Message}).", e);
        }
        if (rows.Count == 0) throw new DatasetException(path, "lists no windows; add one line for every window below the header.");
        // OrderBy is stable: equal scores keep the order of the lines.
        return new ProposalTable(path, rows.ToDictionary(r => r.Key, r => r.Value.OrderByDescending(b => b.Score).Select(b => b.Box).ToArray(), StringComparer.Ordinal));
    }

    /// <summary>The windows of one file, the best first; empty where the table has none.</summary>
    /// <param name="file">The file's name as in the table; backslashes count as slashes.</param>
    public IReadOnlyList<PixelBox> Find(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return _boxes.TryGetValue(file.Replace('\\', '/'), out PixelBox[]? boxes) ? boxes : [];
    }

    /// <summary>Writes windows in the form that <see cref="Read"/> reads, 0-based and without scores. An existing file is replaced whole at the end.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="proposals">Files and their windows, the best first.</param>
    /// <exception cref="IOException">The file cannot be written; an old one is untouched.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, IReadOnlyList<PixelBox>>> proposals) => CsvTable.Write(path, Required, proposals.SelectMany(image =>
        image.Value.Count == 0
            ? [[image.Key, "", "", "", ""]]
            : image.Value.Select(box => (string[])[image.Key, .. new[] { box.Left, box.Top, box.Right, box.Bottom }.Select(corner => corner.ToString(CultureInfo.InvariantCulture))])));

    private static Dictionary<string, List<(PixelBox Box, double Score)>> ReadRows(string path, int firstPixel)
    {
        var rows = new Dictionary<string, List<(PixelBox, double)>>(StringComparer.Ordinal);
        using CsvTable table = CsvTable.Open(path, Required);
        while (table.Next())
        {
            string file = table.Text("file").Replace('\\', '/');
            if (!rows.TryGetValue(file, out List<(PixelBox, double)>? list)) rows.Add(file, list = []);
            if (Required.Skip(1).All(column => table.Optional(column).Length == 0)) continue;
            var box = new PixelBox(table.Number("x1") - firstPixel, table.Number("y1") - firstPixel, table.Number("x2") - firstPixel, table.Number("y2") - firstPixel);
            if (box.Left < 0 || box.Top < 0)
                throw table.Refusal(FormattableString.Invariant($"begins at ({box.Left + firstPixel}, {box.Top + firstPixel}), before the image's first pixel, which is {firstPixel}; correct the line, or the number of the first pixel."));
            if (box.Right < box.Left || box.Bottom < box.Top)
                throw table.Refusal(FormattableString.Invariant($"has a window that ends before it begins (x {box.Left + firstPixel} to {box.Right + firstPixel}, y {box.Top + firstPixel} to {box.Bottom + firstPixel}); the order is x1,y1,x2,y2."));
            list.Add((box, table.Has("score") ? table.Number("score") : 0));
        }
        return rows;
    }
}
