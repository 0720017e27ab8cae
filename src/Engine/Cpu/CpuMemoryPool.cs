using System.Runtime.InteropServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>A block of native memory and the size class it came from.</summary>
internal readonly unsafe struct NativeBlock(float* pointer, int sizeClass)
{
    public readonly float* Pointer = pointer;
    public readonly int SizeClass = sizeClass;
}

/// <summary>A block that goes back at the end of a scope.</summary>
internal readonly unsafe ref struct Borrowed(CpuMemoryPool pool, NativeBlock block)
{
    public float* Pointer => block.Pointer;

    public void Dispose() => pool.Return(block);
}

/// <summary>Native memory, 64-byte aligned.</summary>
internal sealed unsafe class CpuMemoryPool() : MemoryPool<nint>("cpu", long.MaxValue)
{
    private const int Alignment = 64;

    /// <summary>Lends a block of at least <paramref name="elements"/> floats; its content is undefined.</summary>
    /// <exception cref="DeviceMemoryException">The system has not enough memory.</exception>
    public NativeBlock Rent(long elements) => new((float*)Take(elements, out int sizeClass), sizeClass);

    /// <summary>Lends a block until the end of a scope.</summary>
    public Borrowed Borrow(long elements) => new(this, Rent(elements));

    public void Return(NativeBlock block) => Give((nint)block.Pointer, block.SizeClass);

    protected override nint Allocate(long bytes) => (nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);

    protected override void Free(nint memory) => NativeMemory.AlignedFree((void*)memory);

    protected override void FreeLate(nint memory) => Free(memory);

    protected override bool IsOutOfMemory(Exception error) => error is OutOfMemoryException;

    protected override long Available(long inUse) => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}

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
