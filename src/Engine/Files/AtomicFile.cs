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
    /// <exception cref="IOException">The content could not be written; the old file is untouched and the temporary one removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
