using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>The files of a cache.</summary>
internal static class CacheFolder
{
    /// <summary>Removes all files of a kind, as far as that is possible.</summary>
    public static void Clear(string folder, string extension, ILogger logger)
    {
        try
        {
            foreach (string file in Directory.GetFiles(folder, "*" + extension)) File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("{Folder}: the files of the cache cannot be removed ({Reason}).", folder, error.Message);
        }
    }
}
