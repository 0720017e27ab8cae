#if !ILGPU
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>The stand-in's own promises; compiled where the package is not there.</summary>
public sealed class StandInTests : IDisposable
{
    private readonly Context _context = Context.Create(builder => builder.CPU(new CPUDevice(4, 2, 1)));
    private readonly Accelerator _accelerator;

    public StandInTests() => _accelerator = _context.Devices[0].CreateAccelerator(_context);

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Fact]
    public void AnIndexOutsideAViewNamesTheKernelAndTheIndex()
    {
        using MemoryBuffer memory = _accelerator.AllocateRaw(10, sizeof(float));
        var launch = _accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float>(PastTheEnd);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => launch(_accelerator.CreateStream(), 10, new ArrayView<float>(memory, 0, 10), 1));
        Assert.Contains("PastTheEnd: index 10 of a view of 10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFailureInOneThreadOfAGroupEndsTheLaunch()
    {
        using MemoryBuffer memory = _accelerator.AllocateRaw(3, sizeof(float));
        var launch = _accelerator.LoadKernel<ArrayView<float>, int>(OneThreadFails);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => launch(_accelerator.CreateStream(), new KernelConfig(new Index3D(5, 1, 1), new Index3D(8, 1, 1)), new ArrayView<float>(memory, 0, 3), 0));
        Assert.Contains("OneThreadFails", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABarrierSeparatesWritesFromReads()
    {
        using MemoryBuffer memory = _accelerator.AllocateRaw(4 * 8, sizeof(float));
        var view = new ArrayView<float>(memory, 0, 4 * 8);
        _accelerator.LoadKernel<ArrayView<float>, int>(Reverse)(_accelerator.CreateStream(), new KernelConfig(new Index3D(4, 1, 1), new Index3D(8, 1, 1)), view, 0);
        for (int i = 0; i < 32; i++) Assert.Equal(100 * (i / 8) + 7 - i % 8, view[i]);
    }

    private static void PastTheEnd(Index1D i, ArrayView<float> view, float value) => view[i + 1] = value;

    private static void OneThreadFails(ArrayView<float> view, int unused)
    {
        if (Group.IdxX == 5) view[Grid.IdxX + 3] = unused;
        Group.Barrier();
    }

    private static void Reverse(ArrayView<float> view, int unused)
    {
        var shared = SharedMemory.Allocate<float>(8);
        shared[Group.IdxX] = 100 * Grid.IdxX + Group.IdxX + unused;
        Group.Barrier();
        view[8 * Grid.IdxX + Group.IdxX] = shared[7 - Group.IdxX];
    }
}
#endif
