using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// An archive whose files are read where they lie. Its names are checked before anything is read: one that leaves the archive makes all of it suspect. What it
/// may hold is limited, so that a small file cannot ask for more memory than the machine has.
/// </summary>
/// <param name="path">The archive's file.</param>
internal abstract class Archive(string path)
{
    private const int MaxDepth = 100;

    private const int MaxEntries = 1_000_000;

    private const long MaxFileBytes = 1L << 30;

    // Annotations become a twentieth, drawn images a hundredth; a bomb a hundred-thousandth.
    private const long MaxExpansion = 200, FreeBytes = 64L << 20;

    private static readonly string[] Endings = [".zip", ".tar"];

    private readonly Dictionary<string, long> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<DataEntry>> _folders = new(StringComparer.Ordinal) { [""] = [] };
    private long _entries, _bytes;

    /// <summary>The archive's file.</summary>
    protected string Name { get; } = path;

    public static bool IsName(string path) => Array.Exists(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a path may lead into an archive, by its letters alone.</summary>
    public static bool MayBeIn(string path) => Array.Exists(Endings, ending => path.Contains(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Opens an archive and lists what it holds.</summary>
    /// <exception cref="DatasetException">It is no such archive, is cut short, has names that leave it, or holds more than is read.</exception>
    public static Archive Open(string path, ILogger logger) => path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new ZipFiles(path) : new TarFiles(path, logger);

    public bool HasFile(string name) => _files.ContainsKey(name);

    public bool HasFolder(string name) => _folders.ContainsKey(name);

    /// <summary>A file's length in bytes; 0 where there is none.</summary>
    public long LengthOf(string name) => _files.GetValueOrDefault(name);

    public IEnumerable<DataEntry> EntriesIn(string folder) => _folders.TryGetValue(folder, out HashSet<DataEntry>? entries) ? entries : throw new DirectoryNotFoundException($"Could not find a part of the path '{Name}/{folder}'.");

    /// <summary>The content of a file, or its first bytes. Thread-safe.</summary>
    public byte[] Read(string name, int most)
    {
        if (!_files.TryGetValue(name, out long length)) throw new FileNotFoundException($"Could not find file '{Name}/{name}'.");
        byte[] content = new byte[Math.Min(length, most)];
        Fill(name, content);
        return content;
    }

    /// <summary>Reads the first bytes of a file; where they are all, checks them.</summary>
    protected abstract void Fill(string name, Span<byte> content);

    /// <summary>Takes a file or folder (with '/' at its end) into the list.</summary>
    /// <returns>Its name as it is asked for, or null for a folder.</returns>
    protected string? Add(string raw, long length)
    {
        string slashed = raw.Replace('\\', '/');
        string[] parts = [.. slashed.Split('/').Where(part => part is not ("" or "."))];
        if (slashed.StartsWith('/') || (slashed.Length > 1 && slashed[1] == ':') || parts.Contains("..") || parts.Length > MaxDepth || slashed.Any(char.IsControl))
            throw new DatasetException(Name, $"holds '{AnnotationValues.Shown(raw)}', a name that leads out of it or that no file has; make the archive anew, with paths inside its folder.");
        if (++_entries > MaxEntries) throw new DatasetException(Name, FormattableString.Invariant($"holds more than {MaxEntries:N0} files, more than is read; make several archives of it, or unpack it."));
        bool isFolder = slashed.EndsWith('/');
        for (int depth = 0; depth < parts.Length; depth++)
        {
            bool last = depth == parts.Length - 1;
            string inside = string.Join('/', parts[..depth]), own = string.Join('/', parts[..(depth + 1)]);
            _folders[inside].Add(new DataEntry(parts[depth], !last || isFolder, parts[depth].StartsWith('.') || parts[depth] == "__MACOSX", IsLink: false));
            if (!last || isFolder) _folders.TryAdd(own, []);
        }
        if (isFolder || parts.Length == 0) return null;
        string name = string.Join('/', parts);
        if (length > MaxFileBytes) throw new DatasetException(Name, FormattableString.Invariant($"holds {AnnotationValues.Shown(name)} of {length:N0} bytes; a file in an archive may have {MaxFileBytes:N0}; unpack it."));
        _files[name] = length;
        _bytes += length;
        if (_bytes > FreeBytes && _bytes / MaxExpansion > new FileInfo(Name).Length)
            throw new DatasetException(Name, FormattableString.Invariant($"would unpack to more than {MaxExpansion} times its size, as archives made to exhaust a machine do; if it can be trusted, unpack it and name the folder."));
        return name;
    }

    /// <summary>A failure of one file.</summary>
    protected DataFormatException Damaged(string name, string what, Exception? inner = null) => new($"{Name}/{name}", $"{what}; fetch the archive again", inner);
}
