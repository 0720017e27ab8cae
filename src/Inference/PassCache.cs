namespace IlgpuSpp.Inference;

/// <summary>
/// Planned passes kept for reuse by the shape of their input, within bounds on their number and memory; the one that has been idle longest goes first. Thread-safe;
/// passes in use are not counted against the bounds until they come back.
/// </summary>
/// <typeparam name="T">The pass.</typeparam>
/// <param name="backend">Where the passes run.</param>
/// <param name="plan">Plans a pass for inputs of a shape.</param>
/// <param name="bytes">Bytes of a pass on the device.</param>
/// <param name="maximumPasses">Most idle passes, at least 1.</param>
/// <param name="maximumBytes">Most bytes of idle passes; one is kept in any case.</param>
public sealed class PassCache<T>(Backend backend, Func<Shape, T> plan, Func<T, long> bytes, int maximumPasses, long maximumBytes = 1L << 30) : IDisposable
    where T : class, IDisposable
{
    private readonly LinkedList<(Shape Input, T Pass)> _idle = new();
    private readonly Lock _gate = new();
    private long _bytes;
    private bool _disposed;

    /// <summary>Number of idle passes.</summary>
    public int Idle
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>Takes a pass for inputs of one shape, planning it where none is idle.</summary>
    /// <param name="input">Shape of the input.</param>
    /// <returns>The pass; give it back with <see cref="Return"/>.</returns>
    /// <exception cref="InputTooSmallException">The input is too small for the network.</exception>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public T Rent(Shape input)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Find(input) is { } found)
            {
                _idle.Remove(found);
                _bytes -= bytes(found.Value.Pass);
                return found.Value.Pass;
            }
        }
        return Plan(input);
    }

    /// <summary>Gives a pass back.</summary>
    /// <param name="input">Shape of its input.</param>
    /// <param name="pass">What <see cref="Rent"/> gave.</param>
    public void Return(Shape input, T pass)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                pass.Dispose();
                return;
            }
            _idle.AddLast((input, pass));
            _bytes += bytes(pass);
            while (_idle.Count > maximumPasses || (_bytes > maximumBytes && _idle.Count > 1)) RemoveOldest();
        }
    }

    /// <summary>A pass that stays in the cache while it is used, for owners that use one at a time.</summary>
    /// <param name="input">Shape of the input.</param>
    /// <returns>The pass, until another is asked for; not to be returned.</returns>
    /// <exception cref="InputTooSmallException">The input is too small for the network.</exception>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public T Get(Shape input)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Find(input) is { } found)
            {
                if (found != _idle.Last)
                {
                    _idle.Remove(found);
                    _idle.AddLast(found);
                }
                return found.Value.Pass;
            }
            // What goes makes room before the new pass asks for memory.
            while (_idle.Count >= maximumPasses) RemoveOldest();
        }
        T pass = Plan(input);
        Return(input, pass);
        return pass;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        Clear();
    }

    private LinkedListNode<(Shape Input, T Pass)>? Find(Shape input)
    {
        LinkedListNode<(Shape Input, T Pass)>? node = _idle.Last;
        while (node is not null && node.Value.Input != input) node = node.Previous;
        return node;
    }

    private T Plan(Shape input)
    {
        try
        {
            return plan(input);
        }
        catch (DeviceMemoryException)
        {
            // Idle passes of other shapes may hold what is missing.
            if (!Clear()) throw;
            backend.TrimMemory();
            return plan(input);
        }
    }

    private bool Clear()
    {
        lock (_gate)
        {
            if (_idle.Count == 0) return false;
            while (_idle.Count > 0) RemoveOldest();
            return true;
        }
    }

    private void RemoveOldest()
    {
        T oldest = _idle.First!.Value.Pass;
        _idle.RemoveFirst();
        _bytes -= bytes(oldest);
        oldest.Dispose();
    }
}
