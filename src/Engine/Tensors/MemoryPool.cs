namespace IlgpuSpp.Engine;

/// <summary>
/// Memory of a device by size class, four classes to a doubling, so that at most a quarter of a block is unused. Returned
/// blocks are kept and handed out again: in a steady state nothing is asked from the system.
/// </summary>
/// <typeparam name="TMemory">What the system gives.</typeparam>
internal abstract class MemoryPool<TMemory>(string device, long capacity) : IDisposable
{
    private const int SmallestShift = 6;
    private const int Classes = 4 * 40;

    private readonly Lock _lock = new();
    private readonly Stack<TMemory>?[] _free = new Stack<TMemory>?[Classes];
    private long _inUse, _pooled, _peak, _allocations;
    private bool _disposed;

    public MemoryUse Use
    {
        get { lock (_lock) return new MemoryUse(_inUse, _pooled, _peak, _allocations); }
    }

    /// <summary>Gives all unused blocks back to the system.</summary>
    public void Trim()
    {
        lock (_lock)
            if (!_disposed)
                FreeUnused();
    }

    /// <summary>Frees what is unused now; what comes back later goes to <see cref="FreeLate"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            FreeUnused();
            _disposed = true;
        }
    }

    /// <summary>Lends at least <paramref name="elements"/> 4-byte elements; their content is undefined.</summary>
    /// <exception cref="DeviceMemoryException">The cap would be passed or the system has not enough memory.</exception>
    protected TMemory Take(long elements, out int sizeClass)
    {
        sizeClass = ClassOf(elements);
        long bytes = ClassElements(sizeClass) * sizeof(float);
        lock (_lock)
        {
            TMemory memory;
            if (_free[sizeClass] is { Count: > 0 } free)
            {
                _pooled -= bytes;
                memory = free.Pop();
            }
            else
            {
                if (_inUse + _pooled + bytes > capacity) FreeUnused();
                if (_inUse + bytes > capacity) throw new DeviceMemoryException(device, bytes, _inUse, Math.Max(0, capacity - _inUse));
                memory = AllocateOrFree(bytes);
                _allocations++;
            }
            _inUse += bytes;
            _peak = Math.Max(_peak, _inUse);
            return memory;
        }
    }

    protected void Give(TMemory memory, int sizeClass)
    {
        long bytes = ClassElements(sizeClass) * sizeof(float);
        lock (_lock)
        {
            _inUse -= bytes;
            if (!_disposed)
            {
                (_free[sizeClass] ??= new Stack<TMemory>()).Push(memory);
                _pooled += bytes;
                return;
            }
        }
        FreeLate(memory);
    }

    /// <summary>Asks the system; throws what <see cref="IsOutOfMemory"/> knows where it has none.</summary>
    protected abstract TMemory Allocate(long bytes);

    /// <summary>Gives memory back to the system.</summary>
    protected abstract void Free(TMemory memory);

    /// <summary>What becomes of memory that comes back when the pool is closed.</summary>
    protected abstract void FreeLate(TMemory memory);

    protected abstract bool IsOutOfMemory(Exception error);

    /// <summary>Bytes that may still be asked for, by what the system says.</summary>
    protected abstract long Available(long inUse);

    private TMemory AllocateOrFree(long bytes)
    {
        try
        {
            return Allocate(bytes);
        }
        catch (Exception error) when (IsOutOfMemory(error) && _pooled > 0)
        {
            FreeUnused();
        }
        catch (Exception error) when (IsOutOfMemory(error))
        {
            throw OutOfMemory(bytes, error);
        }
        try
        {
            return Allocate(bytes);
        }
        catch (Exception error) when (IsOutOfMemory(error))
        {
            throw OutOfMemory(bytes, error);
        }
    }

    private void FreeUnused()
    {
        foreach (Stack<TMemory>? free in _free)
            while (free is { Count: > 0 })
                Free(free.Pop());
        _pooled = 0;
    }

    private DeviceMemoryException OutOfMemory(long bytes, Exception error) => new(device, bytes, _inUse, Available(_inUse), error);

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
