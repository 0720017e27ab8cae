namespace IlgpuSpp.Cli.Bench;

/// <summary>One product of two square matrices.</summary>
internal sealed class GemmCase : IBenchCase
{
    private readonly Backend _backend;
    private readonly Tensor _a, _b, _c;

    public GemmCase(BenchSetup setup)
    {
        int n = setup.Size?.Width ?? 1024;
        _backend = setup.Backend;
        _a = _backend.Allocate(new Shape(n, n));
        _b = _backend.Allocate(new Shape(n, n));
        _c = _backend.Allocate(new Shape(n, n));
        _backend.FillNormal(_a, 0, 1, new RandomKey(1, 1, 0));
        _backend.FillNormal(_b, 0, 1, new RandomKey(1, 2, 0));
    }

    public int Images => 1;

    public void Run() => _backend.Gemm(false, false, 1, _a, _b, 0, _c);

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }
}
