using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

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
