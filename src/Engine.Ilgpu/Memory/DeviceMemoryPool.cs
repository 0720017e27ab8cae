using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>A block of device memory and the size class it came from.</summary>
internal sealed record DeviceBlock(MemoryBuffer Buffer, int SizeClass);

/// <summary>
/// Device memory: ILGPU asks the driver for every buffer. A block may be lent again while kernels that use it are still
/// queued: everything runs in one stream, in order.
/// </summary>
internal sealed class DeviceMemoryPool(Accelerator accelerator, string device, long capacity) : MemoryPool<MemoryBuffer>(device, capacity)
{
    private readonly long _most = Math.Min(capacity, accelerator.MemorySize);

    /// <summary>Lends a block of at least <paramref name="elements"/> 4-byte elements; its content is undefined.</summary>
    /// <exception cref="DeviceMemoryException">The cap would be passed or the device has not enough memory.</exception>
    public DeviceBlock Rent(long elements) => new(Take(elements, out int sizeClass), sizeClass);

    public void Return(DeviceBlock block) => Give(block.Buffer, block.SizeClass);

    protected override MemoryBuffer Allocate(long bytes) => accelerator.AllocateRaw(bytes / sizeof(float), sizeof(float));

    protected override void Free(MemoryBuffer memory) => memory.Dispose();

    protected override void FreeLate(MemoryBuffer memory)
    {
        // A closed accelerator has freed its buffers already.
    }

    // Drivers report a refused allocation as an error of their own; other failures of an allocation do not occur in practice.
    protected override bool IsOutOfMemory(Exception error) => error is AcceleratorException or OutOfMemoryException;

    protected override long Available(long inUse) => Math.Max(0, _most - inUse);
}

/// <summary>Device memory lent by a <see cref="DeviceMemoryPool"/>.</summary>
internal sealed class IlgpuBuffer(IlgpuBackend owner, DeviceMemoryPool pool, DeviceBlock block, long length) : DeviceBuffer(owner, length)
{
    private DeviceBlock? _block = block;

    ~IlgpuBuffer() => Dispose(false);

    public MemoryBuffer Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_block is null, this);
            return _block.Buffer;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _block, null) is { } block) pool.Return(block);
    }
}
