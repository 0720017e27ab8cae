namespace IlgpuSpp.Training.Tests;

/// <summary>Tests of tiny runs: a folder, a backend and two data sets for each.</summary>
public abstract class RunTest(int threads = 1) : FolderTest
{
    private protected static readonly ImageDataset Train = TinyRun.Images(45, seed: 1), Validation = TinyRun.Images(15, seed: 2);

    private protected readonly CpuBackend _backend = TinyRun.Backend(threads);

    protected override void Dispose(bool disposing)
    {
        _backend.Dispose();
        base.Dispose(disposing);
    }
}
