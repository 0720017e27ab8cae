using System.Formats.Tar;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace IlgpuSpp.Data;

/// <summary>The files of a tar archive that is not packed as a whole.</summary>
internal sealed class TarFiles : Archive
{
    private const int Block = 512;

    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly SafeFileHandle _file;

    public TarFiles(string path, ILogger logger)
        : base(path)
    {
        int others = 0;
        string? first = null;
        long end = 0;
        using (FileStream stream = File.OpenRead(path))
        {
            try
            {
                using var reader = new TarReader(stream, leaveOpen: true);
                while (reader.GetNextEntry() is { } entry)
                {
                    if (entry.EntryType is TarEntryType.Directory or TarEntryType.DirectoryList)
                    {
                        Add(entry.Name + "/", 0);
                    }
                    else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                    {
                        // A later file of a name takes the place of an earlier one, as where the archive was added to.
                        if (Add(entry.Name, entry.Length) is { } name) _offsets[name] = entry.DataOffset;
                        end = Math.Max(end, entry.Length == 0 ? 0 : entry.DataOffset + entry.Length);
                        if (end > stream.Length) throw new EndOfStreamException();
                    }
                    else if (entry.EntryType is not TarEntryType.GlobalExtendedAttributes)
                    {
                        others++;
                        first ??= entry.Name;
                    }
                }
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException)
            {
                throw new DatasetException(path, "is no whole tar archive: it is cut short, damaged or something else; fetch it again.", error);
            }
            if (stream.Length < Block || (end + Block - 1) / Block * Block + Block > stream.Length) throw new DatasetException(path, "is no whole tar archive: its end is missing; fetch it again.");
        }
        if (others > 0) logger.LogWarning("{Archive}: links and other entries that are no files are left out, {Count} in all, {First} the first of them.", path, others, AnnotationValues.Shown(first!));
        _file = File.OpenHandle(path);
    }

    protected override void Fill(string name, Span<byte> content)
    {
        long offset = _offsets[name];
        while (content.Length > 0)
        {
            int read = RandomAccess.Read(_file, content, offset);
            if (read == 0) throw Damaged(name, "is cut short");
            content = content[read..];
            offset += read;
        }
    }
}
