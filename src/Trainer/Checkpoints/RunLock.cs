namespace IlgpuSpp.Training;

/// <summary>Keeps a second process from training into the same folder; gone when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private const string LockName = ".lock";

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The run's folder, which exists.</param>
    /// <exception cref="RunFolderException">Another process trains into the folder, or it cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        string path = Path.Combine(folder, LockName);
        try
        {
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (File.Exists(path) && !RunFolder.IsFull(e))
        {
            throw new RunFolderException(folder, "another run is being trained into this folder; wait for it to end or choose another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunFolder.Refusal(folder, e);
        }
    }

    public void Dispose() => _file.Dispose();
}
