namespace IlgpuSpp.Processes;

/// <summary>Tests that each have a folder of their own.</summary>
public abstract class FolderTest : IDisposable
{
    private protected readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _folder.Dispose();
}
