using System.Runtime.InteropServices;

namespace IlgpuSpp.Engine;

/// <summary>
/// Everything a compute device does for the layers, cut into families. The contract that holds for every operation:
/// <list type="bullet">
/// <item>Parameter gradients are <b>added to</b> (<c>+=</c>); activation gradients are <b>assigned</b> (<c>=</c>).</item>
/// <item>Feature maps are NHWC, matrices row-major.</item>
/// <item>Operands are checked before dispatch (<see cref="OpChecks"/>); a misfit throws <see cref="ShapeMismatchException"/>
/// and nothing is written. Devices implement the protected operations and check nothing again.</item>
/// <item>An output must not overlap an input (<see cref="OverlapException"/>) unless the operation says that it may work in
/// place; then it is the same memory or none of it.</item>
/// <item>Operations run in the order of the calls. They may still be running when the call returns;
/// <see cref="Download{T}"/> and <see cref="Synchronize"/> wait.</item>
/// <item>The same inputs give the same bits, at any number of threads.</item>
/// </list>
/// A backend may be used from several threads at a time as long as no two of them write the same tensor.
/// </summary>
public abstract partial class Backend : IDisposable
{
    /// <summary>What the device is.</summary>
    public abstract DeviceDescription Device { get; }

    /// <summary>Whether the same inputs give the same bits on every processor as well, whatever its instruction set.</summary>
    public virtual bool DeterministicExact => false;

    /// <summary>Memory in use and in the pool.</summary>
    public abstract MemoryUse Memory { get; }

    /// <summary>Allocates a float tensor from the pool. The content is undefined.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public Tensor Allocate(Shape shape) => Allocate<float>(shape);

    /// <summary>Allocates a tensor from the pool. The content is undefined.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="int"/>.</typeparam>
    /// <param name="shape">The tensor's shape.</param>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public Tensor<T> Allocate<T>(Shape shape)
        where T : unmanaged => new(RunAllocate(shape.Count), 0, shape, ownsBuffer: true);

    /// <summary>Copies from host memory. The span may be reused when the call returns.</summary>
    /// <param name="values">As many values as the tensor has elements.</param>
    /// <param name="tensor">The destination.</param>
    /// <exception cref="ShapeMismatchException">The lengths differ.</exception>
    public void Upload<T>(ReadOnlySpan<T> values, Tensor<T> tensor)
        where T : unmanaged
    {
        OpChecks.Length(values.Length, tensor.Shape);
        if (values.Length > 0) RunUpload(MemoryMarshal.Cast<T, float>(values), tensor.Buffer, tensor.Offset);
        tensor.Buffer.CountWrite();
    }

    /// <summary>Copies to host memory, after all work queued before.</summary>
    /// <param name="tensor">The source.</param>
    /// <param name="values">Room for as many values as the tensor has elements.</param>
    /// <exception cref="ShapeMismatchException">The lengths differ.</exception>
    public void Download<T>(Tensor<T> tensor, Span<T> values)
        where T : unmanaged
    {
        OpChecks.Length(values.Length, tensor.Shape);
        if (values.Length > 0) RunDownload(tensor.Buffer, tensor.Offset, MemoryMarshal.Cast<T, float>(values));
    }

    /// <summary>Waits until all work queued before is done.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public abstract void Synchronize();

    /// <summary>Gives the pool's unused memory back to the system.</summary>
    public abstract void TrimMemory();

    /// <inheritdoc/>
    public abstract void Dispose();

    // What is kept of a tensor's content in another form, such as packed weights, is out of date once the tensor is written to.
    private static void Written(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors) tensor?.Buffer.CountWrite();
    }
}

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
