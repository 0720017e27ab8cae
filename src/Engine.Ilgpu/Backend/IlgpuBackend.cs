using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// The ILGPU backend: every operation as kernels written in C#, on CUDA, OpenCL and ILGPU's CPU accelerator. One file a
/// family of operations, kernels and launches; products have a folder of their own. Each kernel is compiled when it is first used and kept.
/// All work goes through one stream, in the order of the calls.
/// </summary>
internal sealed unsafe partial class IlgpuBackend : Backend
{
    // Two contexts that load modules at the same time fail in the driver (ILGPU issue 724).
    private static readonly Lock s_loading = new();

    private readonly Lock _lock = new();
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    private readonly DeviceMemoryPool _memory;
    private readonly UploadStaging _staging;
    private readonly Tensor _unusedFloats;
    private readonly Tensor<int> _unusedIndices;
    private bool _disposed;

    /// <summary>Takes over an accelerator.</summary>
    /// <param name="context">The accelerator's context; disposed with the backend.</param>
    /// <param name="accelerator">The accelerator; disposed with the backend.</param>
    /// <param name="description">What the device is.</param>
    /// <param name="options">Precision and memory cap.</param>
    /// <exception cref="DeviceException">A precision was asked for that the card's tensor cores do not keep.</exception>
    internal IlgpuBackend(Context context, Accelerator accelerator, DeviceDescription description, DeviceOptions options)
    {
        _context = context;
        _accelerator = accelerator;
        Device = description;
        _stream = accelerator.CreateStream();
        _memory = new DeviceMemoryPool(accelerator, description.Name, options.MemoryCap > 0 ? options.MemoryCap : long.MaxValue);
        _staging = new UploadStaging(accelerator, _stream);
        bool simulated = accelerator.AcceleratorType == AcceleratorType.CPU;
        // The simulator runs a thread of the system for each thread of a group: small groups are much faster there.
        GroupThreads = simulated ? 4 : 1 << BitOperations.Log2((uint)Math.Min(GroupSums.MaxThreads, accelerator.MaxNumThreadsPerGroup));
        LargestTile = accelerator.MaxNumThreadsPerGroup >= 256 ? 128 : accelerator.MaxNumThreadsPerGroup >= 64 ? 64 : 32;
        TargetGroups = simulated ? 1 : 2 * accelerator.NumMultiprocessors;
        _unusedFloats = Allocate(new Shape(4));
        _unusedIndices = Allocate<int>(new Shape(4));
        try
        {
            ChooseProductForm(options.Precision);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override DeviceDescription Device { get; }

    /// <inheritdoc/>
    public override MemoryUse Memory => _memory.Use;

    /// <summary>Threads of a group in kernels that work on rows.</summary>
    internal int GroupThreads { get; }

    /// <summary>Side of the largest tile of a product that the device's groups allow.</summary>
    internal int LargestTile { get; set; }

    /// <summary>Groups that keep the device busy: products with fewer tiles split their depth.</summary>
    internal int TargetGroups { get; set; }

    /// <summary>Called after every launch of a product; tests run the same call through other kernels.</summary>
    internal Action<ProductCall>? ProductLaunched { get; set; }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        using var scope = Enter();
        try
        {
            _stream.Synchronize();
        }
        catch (AcceleratorException error)
        {
            throw Failed(error);
        }
    }

    /// <inheritdoc/>
    public override void TrimMemory()
    {
        using var scope = Enter();
        _memory.Trim();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _accelerator.Bind();
            DisposeTables();
            _unusedFloats.Dispose();
            _unusedIndices.Dispose();
            _staging.Dispose();
            _memory.Dispose();
            _stream.Dispose();
            _accelerator.Dispose();
            _context.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override DeviceBuffer RunAllocate(long count)
    {
        DeviceBlock block;
        using (Enter()) block = _memory.Rent(count);
        return new IlgpuBuffer(this, _memory, block, count);
    }

    /// <inheritdoc/>
    protected override void RunUpload(ReadOnlySpan<float> values, DeviceBuffer buffer, long offset)
    {
        using var scope = Enter();
        _staging.Upload(values, new ArrayView<float>(BlockOf(buffer), offset, values.Length));
    }

    /// <inheritdoc/>
    protected override void RunDownload(DeviceBuffer buffer, long offset, Span<float> values)
    {
        using var scope = Enter();
        try
        {
            // ILGPU takes the address and copies later: an array that the collector moves in between would miss the values.
            fixed (float* pinned = values) new ArrayView<float>(BlockOf(buffer), offset, values.Length).CopyToCPU(_stream, ref *pinned, values.Length);
        }
        catch (AcceleratorException error)
        {
            throw Failed(error);
        }
    }

    // Every operation runs inside: one thread at a time, with the device bound to the thread.
    private Lock.Scope Enter()
    {
        Lock.Scope scope = _lock.EnterScope();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _accelerator.Bind();
        }
        catch
        {
            scope.Dispose();
            throw;
        }
        return scope;
    }

    private TLauncher Kernel<TLauncher>(ref TLauncher? launcher, string name, Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate
    {
        if (launcher is not null) return launcher;
        lock (s_loading)
        {
            try
            {
                return launcher = load(_accelerator);
            }
            catch (Exception error) when (error is InternalCompilerException or AcceleratorException or NotSupportedException)
            {
                throw new DeviceException(Device.Name, $"the kernel {name} does not compile on this device: {error.InnerException?.Message ?? error.Message}", error);
            }
        }
    }

    // A kernel with a thread for each element, and one that works in groups; each for packs of four floats or of one, too.
    private TLauncher ElementKernel<TLauncher>(ref TLauncher? launcher, string name, Func<Delegate> kernel)
        where TLauncher : Delegate =>
        launcher ?? Load(ref launcher, name, kernel, groups: false);

    private TLauncher ElementKernel<TLauncher>(PackLauncher<TLauncher> launchers, bool four, string name, Func<bool, Delegate> kernel)
        where TLauncher : Delegate =>
        launchers.Of(four) ?? Load(launchers, four, name, kernel, groups: false);

    private TLauncher GroupKernel<TLauncher>(ref TLauncher? launcher, string name, Func<Delegate> kernel)
        where TLauncher : Delegate =>
        launcher ?? Load(ref launcher, name, kernel, groups: true);

    private TLauncher GroupKernel<TLauncher>(PackLauncher<TLauncher> launchers, bool four, string name, Func<bool, Delegate> kernel)
        where TLauncher : Delegate =>
        launchers.Of(four) ?? Load(launchers, four, name, kernel, groups: true);

    // Apart from the calls above, which run at every launch and allocate nothing.
    private TLauncher Load<TLauncher>(PackLauncher<TLauncher> launchers, bool four, string name, Func<bool, Delegate> kernel, bool groups)
        where TLauncher : Delegate =>
        Load(ref launchers.Of(four), name, () => kernel(four), groups);

    private TLauncher Load<TLauncher>(ref TLauncher? launcher, string name, Func<Delegate> kernel, bool groups)
        where TLauncher : Delegate =>
        Kernel(ref launcher, name, a => groups ? KernelLoader.LoadGroups<TLauncher>(a, kernel()) : KernelLoader.LoadElements<TLauncher>(a, kernel()));

    internal ArrayView<float> View(Tensor tensor) => new(BlockOf(tensor.Buffer), tensor.Offset, Count(tensor.Shape));

    internal ArrayView<int> View(Tensor<int> tensor) => new(BlockOf(tensor.Buffer), tensor.Offset, Count(tensor.Shape));

    // Kernels take no null views: an absent operand is any memory, with a flag beside it.
    private ArrayView<float> ViewOrUnused(Tensor? tensor) => View(tensor ?? _unusedFloats);

    private ArrayView<int> ViewOrUnused(Tensor<int>? tensor) => View(tensor ?? _unusedIndices);

    private MemoryBuffer BlockOf(DeviceBuffer buffer) =>
        buffer is IlgpuBuffer mine && ReferenceEquals(mine.Owner, this)
            ? mine.Memory
            : throw new DeviceException(Device.Name, $"the tensor lives on {buffer.Owner.Device.Name}, not on this backend; copy it over first.");

    // Kernels index with 32-bit integers.
    private int Count(Shape shape) => shape.Count <= int.MaxValue
        ? (int)shape.Count
        : throw new DeviceException(Device.Name, $"a tensor of {shape} has more than {int.MaxValue} elements; use a smaller batch.");

    private static bool Aligned(Tensor tensor) => tensor.Offset % 4 == 0;

    // Whether rows of some channels can be worked on in packs of four.
    private static bool Fours(int channels, params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
            if (tensor is not null && !Aligned(tensor)) return false;
        return channels % 4 == 0;
    }

    private static int Packs(bool four, int count) => four ? count / 4 : count;

    private DeviceException Failed(AcceleratorException error) =>
        new(Device.Name, $"the device failed: {error.Message} Work since the last checkpoint is lost; start again from it.", error);
}
