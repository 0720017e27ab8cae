namespace IlgpuSpp.Inference;

/// <summary>
/// Planned passes kept for reuse by the shape of their input, within bounds on their number and memory; the one that has been idle longest goes first. Thread-safe. Where it can tell
/// how much a pass will take, those in use count too: whoever asks for more than the bound leaves waits until one comes back, and one alone may be larger. Otherwise passes in use do not count.
/// </summary>
/// <typeparam name="T">The pass.</typeparam>
/// <param name="backend">Where the passes run.</param>
/// <param name="plan">Plans a pass for inputs of a shape.</param>
/// <param name="bytes">Bytes of a pass on the device.</param>
/// <param name="maximumPasses">Most idle passes, at least 1.</param>
/// <param name="maximumBytes">Most bytes of passes; one is kept in any case.</param>
/// <param name="expected">Bytes of a pass for inputs of a shape before it is planned; null where passes in use shall not count.</param>
public sealed class PassCache<T>(Backend backend, Func<Shape, T> plan, Func<T, long> bytes, int maximumPasses, long maximumBytes = 1L << 30, Func<Shape, long>? expected = null) : IDisposable
    where T : class, IDisposable
{
    private readonly LinkedList<(Shape Input, T Pass)> _idle = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _returned = NewSignal();
    private long _bytes, _used;
    private bool _disposed;

    /// <summary>Number of idle passes.</summary>
    public int Idle
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>Bytes of idle passes, and of those in use where they count.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes + _used;
        }
    }

    /// <summary>Takes a pass for inputs of one shape, planning it where none is idle; waits where the bound asks for it.</summary>
    /// <param name="input">Shape of the input.</param>
    /// <returns>The pass; give it back with <see cref="Return"/>.</returns>
    /// <exception cref="InputTooSmallException">The input is too small for the network.</exception>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    public T Rent(Shape input)
    {
        while (true)
        {
            if (TryRent(input, out Task returned) is { } pass) return pass;
            returned.Wait();
        }
    }

    /// <summary>As <see cref="Rent"/>, without holding a thread while it waits.</summary>
    /// <param name="input">Shape of the input.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<T> RentAsync(Shape input, CancellationToken cancellation)
    {
        while (true)
        {
            if (TryRent(input, out Task returned) is { } pass) return pass;
            await returned.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a pass back.</summary>
    /// <param name="input">Shape of its input.</param>
    /// <param name="pass">What <see cref="Rent"/> gave.</param>
    public void Return(Shape input, T pass) => Keep(input, pass, rented: true);

    private void Keep(Shape input, T pass, bool rented)
    {
        lock (_gate)
        {
            if (rented) Release(bytes(pass));
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
        Keep(input, pass, rented: false);
        return pass;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Release(0);
        }
        Clear();
    }

    // Null where the bound leaves no room until a pass comes back.
    private T? TryRent(Shape input, out Task returned)
    {
        long needed = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            returned = _returned.Task;
            if (Find(input) is { } found)
            {
                _idle.Remove(found);
                long own = bytes(found.Value.Pass);
                _bytes -= own;
                if (expected is not null) _used += own;
                return found.Value.Pass;
            }
            if (expected is not null)
            {
                needed = expected(input);
                while (_idle.Count > 0 && _bytes + _used + needed > maximumBytes) RemoveOldest();
                if (_used > 0 && _used + needed > maximumBytes) return null;
                _used += needed;
            }
        }
        try
        {
            T pass = Plan(input);
            // What comes back is counted as it is; an estimate that is off would add up.
            if (expected is not null)
                lock (_gate) _used += bytes(pass) - needed;
            return pass;
        }
        catch
        {
            lock (_gate) Release(needed);
            throw;
        }
    }

    // Tells those who wait. The gate is held.
    private void Release(long used)
    {
        if (expected is not null) _used -= used;
        TaskCompletionSource waiting = _returned;
        _returned = NewSignal();
        waiting.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

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
