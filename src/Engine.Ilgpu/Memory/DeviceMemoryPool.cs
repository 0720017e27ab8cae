using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>A block of device memory and the size class it came from.</summary>
internal sealed record DeviceBlock(MemoryBuffer Buffer, int SizeClass);

/// <summary>
/// Device memory by size class, four classes to a doubling, so that at most a quarter of a block is unused. ILGPU asks
/// the driver for every buffer; this pool keeps returned blocks and hands them out again. A block may be lent again while
/// kernels that use it are still queued: everything runs in one stream, in order.
/// </summary>
internal sealed class DeviceMemoryPool(Accelerator accelerator, string device, long capacity) : IDisposable
{
    private const int SmallestShift = 6;
    private const int Classes = 4 * 40;

    private readonly Lock _lock = new();
    private readonly Stack<DeviceBlock>[] _free = new Stack<DeviceBlock>[Classes];
    private long _inUse, _pooled, _peak, _allocations;
    private bool _disposed;

    public MemoryUse Use
    {
        get { lock (_lock) return new MemoryUse(_inUse, _pooled, _peak, _allocations); }
    }

    /// <summary>Lends a block of at least <paramref name="elements"/> 4-byte elements; its content is undefined.</summary>
    /// <exception cref="DeviceMemoryException">The cap would be passed or the device has not enough memory.</exception>
    public DeviceBlock Rent(long elements)
    {
        int sizeClass = ClassOf(elements);
        long bytes = ClassElements(sizeClass) * sizeof(float);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_free[sizeClass] is { Count: > 0 } free)
            {
                _pooled -= bytes;
                Lent(bytes);
                return free.Pop();
            }
            if (_inUse + _pooled + bytes > capacity) FreeUnused();
            if (_inUse + bytes > capacity) throw new DeviceMemoryException(device, bytes, _inUse, Math.Max(0, capacity - _inUse));
            var block = new DeviceBlock(Allocate(ClassElements(sizeClass), bytes), sizeClass);
            _allocations++;
            Lent(bytes);
            return block;
        }
    }

    public void Return(DeviceBlock block)
    {
        long bytes = ClassElements(block.SizeClass) * sizeof(float);
        lock (_lock)
        {
            _inUse -= bytes;
            // A closed accelerator has freed its buffers already.
            if (_disposed) return;
            (_free[block.SizeClass] ??= new Stack<DeviceBlock>()).Push(block);
            _pooled += bytes;
        }
    }

    /// <summary>Gives all unused blocks back to the device.</summary>
    public void Trim()
    {
        lock (_lock)
            if (!_disposed)
                FreeUnused();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            FreeUnused();
            _disposed = true;
        }
    }

    private void FreeUnused()
    {
        foreach (Stack<DeviceBlock>? free in _free)
            while (free is { Count: > 0 })
                free.Pop().Buffer.Dispose();
        _pooled = 0;
    }

    private void Lent(long bytes)
    {
        _inUse += bytes;
        _peak = Math.Max(_peak, _inUse);
    }

    private MemoryBuffer Allocate(long elements, long bytes)
    {
        try
        {
            return accelerator.AllocateRaw(elements, sizeof(float));
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
            return accelerator.AllocateRaw(elements, sizeof(float));
        }
        catch (Exception error) when (IsOutOfMemory(error))
        {
            throw OutOfMemory(bytes, error);
        }
    }

    // Drivers report a refused allocation as an error of their own; other failures of an allocation do not occur in practice.
    private static bool IsOutOfMemory(Exception error) => error is AcceleratorException or OutOfMemoryException;

    private DeviceMemoryException OutOfMemory(long bytes, Exception error) =>
        new(device, bytes, _inUse, Math.Max(0, Math.Min(capacity, accelerator.MemorySize) - _inUse), error);

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

    private static long ClassElements(int sizeClass) => (1L << (sizeClass / 4 + SmallestShift - 2)) * (4 + sizeClass % 4);
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
