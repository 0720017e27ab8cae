using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The managed CPU backend: plain C# with hardware intrinsics and its own worker threads, no dependency. It is the
/// product's CPU path. One file a family of operations.
/// </summary>
public sealed unsafe partial class CpuBackend : IBackend
{
    private readonly CpuMemoryPool _memory = new();
    private readonly WorkerPool _workers;
    private readonly CpuOptions _options;

    /// <summary>Opens the backend and starts its workers.</summary>
    /// <param name="options">Threads, instruction set, exactness.</param>
    /// <exception cref="DeviceException">The instruction set asked for is not there.</exception>
    public CpuBackend(CpuOptions? options = null)
    {
        _options = options ?? new CpuOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Threads, nameof(options));
        Simd = SimdSupport.Resolve(_options.Simd);
        _workers = new WorkerPool(_options.Threads == 0 ? Environment.ProcessorCount : _options.Threads);
        Device = new DeviceDescription("cpu", $"{Environment.ProcessorCount} processors, {Simd}",
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, _workers.Threads);
    }

    /// <inheritdoc/>
    public DeviceDescription Device { get; }

    /// <summary>The instruction set in use.</summary>
    public SimdLevel Simd { get; }

    /// <inheritdoc/>
    public MemoryUse Memory => _memory.Use;

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape) =>
        new(new CpuBuffer(this, _memory, _memory.Rent(shape.Count), shape.Count), 0, shape, ownsBuffer: true);

    /// <inheritdoc/>
    public IndexTensor AllocateIndex(Shape shape) =>
        new(new CpuBuffer(this, _memory, _memory.Rent(shape.Count), shape.Count), 0, shape, ownsBuffer: true);

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<float> values, Tensor tensor)
    {
        RequireLength(values.Length, tensor.Shape);
        values.CopyTo(new Span<float>(Pointer(tensor), values.Length));
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<int> values, IndexTensor tensor)
    {
        RequireLength(values.Length, tensor.Shape);
        values.CopyTo(new Span<int>(Pointer(tensor), values.Length));
    }

    /// <inheritdoc/>
    public void Download(Tensor tensor, Span<float> values)
    {
        RequireLength(values.Length, tensor.Shape);
        new ReadOnlySpan<float>(Pointer(tensor), values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public void Download(IndexTensor tensor, Span<int> values)
    {
        RequireLength(values.Length, tensor.Shape);
        new ReadOnlySpan<int>(Pointer(tensor), values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        // Every operation is finished when its call returns.
    }

    /// <inheritdoc/>
    public void TrimMemory() => _memory.Trim();

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        _memory.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Pointer(Tensor tensor) => BasePointer(tensor.Buffer) + tensor.Offset;

    private float* PointerOrNull(Tensor? tensor) => tensor is null ? null : Pointer(tensor);

    private int* Pointer(IndexTensor tensor) => (int*)BasePointer(tensor.Buffer) + tensor.Offset;

    private int* PointerOrNull(IndexTensor? tensor) => tensor is null ? null : Pointer(tensor);

    private float* BasePointer(DeviceBuffer buffer) =>
        buffer is CpuBuffer mine && ReferenceEquals(mine.Owner, this)
            ? mine.Pointer
            : throw new DeviceException("cpu", $"the tensor lives on {buffer.Owner.Device.Name}, not on this backend; copy it over first.");

    private static void RequireLength(int length, Shape shape)
    {
        if (length != shape.Count) throw new ShapeMismatchException("Copy", shape, new Shape(length), "host memory and tensor differ in length");
    }
}
