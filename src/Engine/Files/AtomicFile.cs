namespace IlgpuSpp.Engine;

/// <summary>
/// Writes files that appear whole or not at all: under a temporary name in the same folder, flushed to the disk, then
/// renamed over the old one. A kill or a full disk at any moment leaves the old file as it was.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; an existing one is replaced at the end.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="durable">Whether the content is on the disk before the old file goes; without it a loss of power may leave a damaged file.</param>
    /// <exception cref="IOException">The content could not be written; the old file is untouched and the temporary one removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, Action<Stream> write, bool durable = true) => Write(path, Create, write, durable);

    /// <summary>Writes a file through a stream of the caller's making: tests let it fail.</summary>
    internal static void Write(string path, Func<string, Stream> create, Action<Stream> write, bool durable = true)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (Stream stream = create(temporary))
            {
                write(stream);
                if (durable && stream is FileStream file) file.Flush(flushToDisk: true);
                else stream.Flush();
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    internal static FileStream Create(string temporary) => new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    private static void DeleteQuietly(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report.
        }
    }
}
