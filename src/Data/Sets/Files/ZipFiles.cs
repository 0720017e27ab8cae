using System.IO.Compression;
using IlgpuSpp.Data.Imaging.Png;

namespace IlgpuSpp.Data;

/// <summary>The files of a ZIP archive.</summary>
internal sealed class ZipFiles : Archive
{
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly ZipArchive _archive;

    public ZipFiles(string path)
        : base(path)
    {
        try
        {
            _archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in _archive.Entries)
            {
                if (Add(entry.FullName, entry.Length) is not { } name) continue;
                if (entry.IsEncrypted) throw new DatasetException(path, $"holds encrypted files, '{AnnotationValues.Shown(name)}' the first of them, and there is no way to give a password; unpack it.");
                if (!_entries.TryAdd(name, entry)) throw new DatasetException(path, $"holds two files called '{AnnotationValues.Shown(name)}'; make the archive anew.");
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new DatasetException(path, "is no whole ZIP archive: it is cut short, damaged or something else; fetch it again.", error);
        }
    }

    protected override void Fill(string name, Span<byte> content)
    {
        ZipArchiveEntry entry = _entries[name];
        try
        {
            // An archive has one position in its file.
            lock (_archive)
            {
                using Stream stream = entry.Open();
                stream.ReadExactly(content);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw Damaged(name, "cannot be unpacked: it is damaged or packed in a way that is not read", error);
        }
        if (content.Length == entry.Length && Crc32.Compute(content) != entry.Crc32) throw Damaged(name, "has a wrong checksum");
    }
}
