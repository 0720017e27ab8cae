namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The managed CPU backend: plain C# with hardware intrinsics and its own worker threads, no dependency. It is the
/// product's CPU path. One file a family of operations.
/// </summary>
public sealed unsafe partial class CpuBackend : Backend
{
    private readonly CpuMemoryPool _memory = new();
    private readonly WorkerPool _workers;
    private readonly CpuOptions _options;
    private readonly LaneChoice _lanes;

    /// <summary>Opens the backend and starts its workers.</summary>
    /// <param name="options">Threads, instruction set, exactness.</param>
    /// <exception cref="DeviceException">The instruction set asked for is not there.</exception>
    /// <exception cref="OptionsException">The number of threads is negative.</exception>
    public CpuBackend(CpuOptions? options = null)
    {
        _options = options ?? new CpuOptions();
        OptionCheck.AtLeast(_options.Threads, 0, nameof(CpuOptions.Threads));
        Simd = SimdSupport.Resolve(_options.Simd);
        _lanes = new LaneChoice(Simd, _options.DeterministicExact);
        _workers = new WorkerPool(_options.Threads == 0 ? Environment.ProcessorCount : _options.Threads);
        Device = new DeviceDescription("cpu", $"{Environment.ProcessorCount} processors, {Simd}",
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, _workers.Threads);
    }

    /// <inheritdoc/>
    public override DeviceDescription Device { get; }

    /// <summary>The instruction set in use.</summary>
    public SimdLevel Simd { get; }

    /// <inheritdoc/>
    public override bool DeterministicExact => _lanes.Exact;

    /// <inheritdoc/>
    public override MemoryUse Memory => _memory.Use;

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Every operation is finished when its call returns.
    }

    /// <inheritdoc/>
    public override void TrimMemory() => _memory.Trim();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _workers.Dispose();
        _memory.Dispose();
    }

    /// <inheritdoc/>
    protected override DeviceBuffer RunAllocate(long count) => Rent(count);

    /// <inheritdoc/>
    protected override void RunUpload(ReadOnlySpan<float> values, DeviceBuffer buffer, long offset) =>
        values.CopyTo(new Span<float>(BasePointer(buffer) + offset, values.Length));

    /// <inheritdoc/>
    protected override void RunDownload(DeviceBuffer buffer, long offset, Span<float> values) =>
        new ReadOnlySpan<float>(BasePointer(buffer) + offset, values.Length).CopyTo(values);

    /// <summary>Memory that is not a tensor's, until it is disposed.</summary>
    internal CpuBuffer Rent(long count) => new(this, _memory, _memory.Rent(count), count);

    /// <summary>Where a tensor lies.</summary>
    internal float* PointerOf(Tensor tensor) => Pointer(tensor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Pointer(Tensor tensor) => BasePointer(tensor.Buffer) + tensor.Offset;

    private float* PointerOrNull(Tensor? tensor) => tensor is null ? null : Pointer(tensor);

    private int* Pointer(Tensor<int> tensor) => (int*)BasePointer(tensor.Buffer) + tensor.Offset;

    private int* PointerOrNull(Tensor<int>? tensor) => tensor is null ? null : Pointer(tensor);

    private float* BasePointer(DeviceBuffer buffer) =>
        buffer is CpuBuffer mine && ReferenceEquals(mine.Owner, this)
            ? mine.Pointer
            : throw new DeviceException("cpu", $"the tensor lives on {buffer.Owner.Device.Name}, not on this backend; copy it over first.");
}
