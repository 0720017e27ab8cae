namespace IlgpuSpp.Engine.Cpu;

/// <summary>Native memory, 64-byte aligned, lent by a <see cref="CpuMemoryPool"/>.</summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    private readonly CpuMemoryPool _pool;
    private NativeBlock _block;

    public CpuBuffer(CpuBackend owner, CpuMemoryPool pool, NativeBlock block, long length)
        : base(owner, length)
    {
        _pool = pool;
        _block = block;
    }

    ~CpuBuffer() => Dispose(false);

    public float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_block.Pointer is null, this);
            return _block.Pointer;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_block.Pointer is null) return;
        NativeBlock block = _block;
        _block = default;
        _pool.Return(block);
    }
}
