namespace IlgpuSpp.Engine;

/// <summary>What a compute device is.</summary>
/// <param name="Name">The name that opens it: <c>cpu</c>, <c>cuda:0</c>, <c>opencl:0</c>, <c>ilgpu-cpu</c>.</param>
/// <param name="Hardware">The hardware's own name and capability, for people.</param>
/// <param name="MemoryBytes">Memory of the device in bytes.</param>
/// <param name="Parallelism">Worker threads of a CPU or multiprocessors of a card.</param>
public sealed record DeviceDescription(string Name, string Hardware, long MemoryBytes, int Parallelism);

/// <summary>Memory a backend holds, in bytes.</summary>
/// <param name="InUse">Lent to tensors.</param>
/// <param name="Pooled">Held for reuse.</param>
/// <param name="Peak">The most that was ever lent at one time.</param>
/// <param name="Allocations">How often memory was asked from the system; constant in a steady state.</param>
public readonly record struct MemoryUse(long InUse, long Pooled, long Peak, long Allocations);
