namespace IlgpuSpp.Engine.Tests;

/// <summary>Tests of weights that a backend keeps in a form of its own: a backend with two threads, and tensors of normal numbers that go with the test.</summary>
public abstract class PackedWeightsTest : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    private protected CpuBackend Backend { get; } = new(new CpuOptions { Threads = 2 });

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors) tensor.Dispose();
        Backend.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Tensor Put(Shape shape, uint stream)
    {
        Tensor tensor = Backend.Allocate(shape);
        _tensors.Add(tensor);
        Backend.FillNormal(tensor, 0, 1, new RandomKey(11, stream, 0));
        return tensor;
    }
}
