using System.Runtime.InteropServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>A block of native memory and the size class it came from.</summary>
internal readonly unsafe struct NativeBlock(float* pointer, int sizeClass)
{
    public readonly float* Pointer = pointer;
    public readonly int SizeClass = sizeClass;
}

/// <summary>
/// Native memory by size class, four classes to a doubling, so that at most a quarter of a block is unused. Returned
/// blocks are kept and handed out again: in a steady state nothing is asked from the system.
/// </summary>
internal sealed unsafe class CpuMemoryPool : IDisposable
{
    private const int Alignment = 64;
    private const int SmallestShift = 6;
    private const int Classes = 4 * 40;

    private readonly Lock _lock = new();
    private readonly Stack<nint>[] _free = new Stack<nint>[Classes];
    private long _inUse, _pooled, _peak, _allocations;
    private bool _disposed;

    public MemoryUse Use
    {
        get { lock (_lock) return new MemoryUse(_inUse, _pooled, _peak, _allocations); }
    }

    /// <summary>Lends a block of at least <paramref name="elements"/> floats; its content is undefined.</summary>
    /// <exception cref="DeviceMemoryException">The system has not enough memory.</exception>
    public NativeBlock Rent(long elements)
    {
        int sizeClass = ClassOf(elements);
        long bytes = ClassElements(sizeClass) * sizeof(float);
        lock (_lock)
        {
            if (_free[sizeClass] is { Count: > 0 } free)
            {
                _pooled -= bytes;
                Lent(bytes);
                return new NativeBlock((float*)free.Pop(), sizeClass);
            }
        }
        float* pointer = Allocate(bytes);
        lock (_lock)
        {
            _allocations++;
            Lent(bytes);
        }
        return new NativeBlock(pointer, sizeClass);
    }

    public void Return(NativeBlock block)
    {
        long bytes = ClassElements(block.SizeClass) * sizeof(float);
        lock (_lock)
        {
            _inUse -= bytes;
            if (!_disposed)
            {
                (_free[block.SizeClass] ??= new Stack<nint>()).Push((nint)block.Pointer);
                _pooled += bytes;
                return;
            }
        }
        NativeMemory.AlignedFree(block.Pointer);
    }

    /// <summary>Gives all unused blocks back to the system.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (Stack<nint>? free in _free)
                while (free is { Count: > 0 })
                    NativeMemory.AlignedFree((void*)free.Pop());
            _pooled = 0;
        }
    }

    /// <summary>Frees what is unused now and everything else as it comes back.</summary>
    public void Dispose()
    {
        Trim();
        lock (_lock) _disposed = true;
    }

    private void Lent(long bytes)
    {
        _inUse += bytes;
        _peak = Math.Max(_peak, _inUse);
    }

    private float* Allocate(long bytes)
    {
        try
        {
            return (float*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        catch (OutOfMemoryException error)
        {
            throw new DeviceMemoryException("cpu", bytes, Use.InUse, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, error);
        }
    }

    // Class 4·o + q holds 2^(o + 6)·(1 + q/4) elements.
    private static int ClassOf(long elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        if (elements <= 1L << SmallestShift) return 0;
        int octave = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(elements - 1)) - SmallestShift;
        long quarter = 1L << (octave + SmallestShift - 2);
        int quarters = (int)((elements - (1L << (octave + SmallestShift)) + quarter - 1) / quarter);
        return 4 * octave + quarters;
    }

    private static long ClassElements(int sizeClass) =>
        (1L << (sizeClass / 4 + SmallestShift - 2)) * (4 + sizeClass % 4);
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
