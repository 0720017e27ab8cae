namespace IlgpuSpp.Models.Tests;

/// <summary>Tests of networks in files: a folder and a CPU backend for each.</summary>
public abstract class NetworkFileTest(CpuOptions options) : FolderTest
{
    private protected readonly CpuBackend _cpu = new(options);

    /// <summary>Convolutions without transforms, for comparison with other programs.</summary>
    protected static CpuOptions Exact => new() { Threads = 2, ExactConvolution = true };

    protected override void Dispose(bool disposing)
    {
        _cpu.Dispose();
        base.Dispose(disposing);
    }
}
