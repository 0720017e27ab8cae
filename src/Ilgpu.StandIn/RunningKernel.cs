using System.Runtime.CompilerServices;

namespace ILGPU.Runtime.CPU;

/// <summary>What the kernel on this thread is, and where in its grid the thread stands.</summary>
internal sealed class RunningKernel(string name, KernelConfig config, GroupMemory? memory, Barrier? barrier)
{
    [ThreadStatic]
    private static RunningKernel? s_current;

    private int _allocations;

    public static RunningKernel Current => s_current ?? throw new InvalidOperationException("Grid, Group and SharedMemory are for kernels.");

    public Index3D GridDim => config.GridDim;

    public Index3D GroupDim => config.GroupDim;

    public Index3D GridIndex { get; private set; }

    public Index3D GroupIndex { get; set; }

    public static void Enter(RunningKernel? kernel) => s_current = kernel;

    public void EnterGroup(Index3D group)
    {
        GridIndex = group;
        _allocations = 0;
    }

    public void Synchronize() => barrier?.SignalAndWait();

    /// <summary>The group's n-th array, the same for every thread that asks for its n-th.</summary>
    public ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => (memory ?? throw new InvalidOperationException("Kernels over an index have no shared memory.")).Get<T>(_allocations++, length);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FailIndex(long index, long length) =>
        throw new ArgumentOutOfRangeException(nameof(index), $"Kernel {s_current?.Name ?? "(none)"}: index {index} of a view of {length} elements.");

    private string Name => name;
}
