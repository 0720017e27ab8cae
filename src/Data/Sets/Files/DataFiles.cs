using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>A file or folder of a data set.</summary>
/// <param name="Name">Its name in its folder.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="IsHidden">Whether it is hidden: by its name, by the system, or as what packing programs add.</param>
/// <param name="IsLink">Whether it is a link.</param>
internal readonly record struct DataEntry(string Name, bool IsFolder, bool IsHidden, bool IsLink);

/// <summary>
/// The files of data sets, on the disk and in archives alike: a <c>.zip</c> or <c>.tar</c> file is a folder whose paths go on behind its name, as in
/// <c>photos.zip/cat/1.jpg</c>. Nothing is unpacked to the disk. Thread-safe; an archive stays open as long as the data set lives.
/// </summary>
/// <param name="logger">Is told what of an archive is left out.</param>
internal sealed class DataFiles(ILogger? logger = null)
{
    private const int HeaderBytes = 1 << 16;

    private readonly ConcurrentDictionary<string, Lazy<Archive>> _archives = new(StringComparer.Ordinal);

    /// <summary>Whether a path is itself an archive that is read in place.</summary>
    public static bool IsArchive(string path) => Archive.IsName(path) && File.Exists(path);

    /// <summary>Refuses a file that is an archive of a kind that cannot be read in place.</summary>
    /// <exception cref="DatasetException">It is one.</exception>
    public static void RefuseOtherArchives(string path)
    {
        string name = path.ToUpperInvariant();
        if (File.Exists(path) && (name.EndsWith(".GZ", StringComparison.Ordinal) || name.EndsWith(".TGZ", StringComparison.Ordinal) || name.EndsWith(".7Z", StringComparison.Ordinal)
            || name.EndsWith(".RAR", StringComparison.Ordinal) || name.EndsWith(".XZ", StringComparison.Ordinal) || name.EndsWith(".BZ2", StringComparison.Ordinal) || name.EndsWith(".ZST", StringComparison.Ordinal)))
            throw new DatasetException(path, "is an archive whose files cannot be read in place; unpack it, or make a .zip or .tar of it.");
    }

    public bool HasFile(string path) => Inside(path) is var (archive, name) ? archive.HasFile(name) : File.Exists(path);

    public bool HasFolder(string path) => Inside(path) is var (archive, name) ? archive.HasFolder(name) : Directory.Exists(path);

    /// <summary>Whether a path that may be missing has content, and is no pipe, socket or device, which might never return.</summary>
    public bool IsOrdinary(string path) => Inside(path) is var (archive, name) ? archive.LengthOf(name) > 0 : ImageDecoder.IsOrdinary(path);

    /// <summary>What lies in a folder, in no particular order.</summary>
    public IEnumerable<DataEntry> EntriesIn(string folder) => Inside(folder) is var (archive, name) ? archive.EntriesIn(name) : new DirectoryInfo(folder).EnumerateFileSystemInfos()
        .Select(entry => new DataEntry(entry.Name, entry is DirectoryInfo, entry.Name.StartsWith('.') || (entry.Attributes & (FileAttributes.Hidden | FileAttributes.System)) != 0, entry.LinkTarget is not null));

    /// <summary>The names of a folder's files, hidden ones too, in ordinal order; none where there is no such folder.</summary>
    public string[] FilesIn(string folder) => HasFolder(folder) ? [.. EntriesIn(folder).Where(entry => !entry.IsFolder).Select(entry => entry.Name).Order(StringComparer.Ordinal)] : [];

    /// <summary>The content of a file, or its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many bytes are wanted.</param>
    /// <exception cref="DataFormatException">It lies in an archive and is damaged there.</exception>
    public byte[] Read(string path, int most = int.MaxValue)
    {
        if (Inside(path) is var (archive, name)) return archive.Read(name, most);
        if (most == int.MaxValue) return File.ReadAllBytes(path);
        using FileStream stream = File.OpenRead(path);
        byte[] head = new byte[Math.Min(stream.Length, most)];
        stream.ReadExactly(head);
        return head;
    }

    /// <summary>Decodes an image.</summary>
    /// <exception cref="DataFormatException">It cannot be decoded, or is empty or no ordinary file.</exception>
    public RgbImage Decode(string path, ImageLimits? limits, int leastSide)
    {
        if (!IsOrdinary(path)) throw ImageDecoder.Extraordinary(path);
        return ImageDecoder.Decode(Read(path), limits, path, leastSide);
    }

    /// <summary>Reads size and orientation of an image without decoding it.</summary>
    /// <exception cref="DataFormatException">It has no such header, or is empty or no ordinary file.</exception>
    public ImageHeader ReadHeader(string path)
    {
        if (!IsOrdinary(path)) throw ImageDecoder.Extraordinary(path);
        byte[] head = Read(path, HeaderBytes);
        // The headers of photographs come first, and data sets have many; other formats are read whole.
        if (ImageDecoder.FormatOf(head) == ImageFormat.Jpeg && head.Length == HeaderBytes)
        {
            try
            {
                return ImageDecoder.ReadHeader(head, path);
            }
            catch (DataFormatException)
            {
                // A long profile or a thumbnail comes before the header.
            }
        }
        return ImageDecoder.ReadHeader(head.Length < HeaderBytes ? head : Read(path), path);
    }

    /// <summary>Opens a file to read it from its beginning.</summary>
    public Stream Open(string path) => Inside(path) is null ? File.OpenRead(path) : new MemoryStream(Read(path), writable: false);

    /// <summary>The lines of a text file.</summary>
    public IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(Open(path));
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>The folder in an archive that holds the data: below it, as long as a folder is not it and holds one folder alone. Paths that are no archive stay as they are.</summary>
    /// <param name="path">A path.</param>
    /// <param name="isData">Whether a folder is the one.</param>
    public string Descend(string path, Func<string, bool> isData)
    {
        if (!IsArchive(path)) return path;
        string folder = path;
        while (!isData(folder))
        {
            DataEntry[] entries = [.. EntriesIn(folder).Where(entry => !entry.IsHidden).Take(2)];
            if (entries is not [{ IsFolder: true } only]) return path;
            folder = Path.Combine(folder, only.Name);
        }
        return folder;
    }

    private (Archive Archive, string Name)? Inside(string path)
    {
        if (!Archive.MayBeIn(path)) return null;
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (int end = 0; end < full.Length;)
        {
            end = full.IndexOf(Path.DirectorySeparatorChar, end + 1);
            if (end < 0) end = full.Length;
            string outer = full[..end];
            if (Archive.IsName(outer) && (_archives.ContainsKey(outer) || File.Exists(outer)))
                return (_archives.GetOrAdd(outer, file => new Lazy<Archive>(() => Archive.Open(file, logger ?? NullLogger.Instance))).Value, full[end..].Trim(Path.DirectorySeparatorChar).Replace('\\', '/'));
        }
        return null;
    }
}
