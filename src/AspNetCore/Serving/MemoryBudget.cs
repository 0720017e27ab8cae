namespace IlgpuSpp.AspNetCore;

/// <summary>A number of bytes that is shared out in the order of the requests. Thread-safe.</summary>
/// <param name="capacity">All there is.</param>
internal sealed class MemoryBudget(long capacity)
{
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private readonly Lock _gate = new();
    private long _taken;

    /// <summary>Bytes that are given out.</summary>
    public long Taken
    {
        get
        {
            lock (_gate) return _taken;
        }
    }

    /// <summary>Waits for a share; disposing it gives it back.</summary>
    /// <param name="bytes">How much; more than there is counts as all there is, so that the largest images go one by one.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<IDisposable> TakeAsync(long bytes, CancellationToken cancellation)
    {
        bytes = Math.Min(bytes, capacity);
        LinkedListNode<(long, TaskCompletionSource Granted)> place;
        lock (_gate)
        {
            // Nobody overtakes: a large image would wait for ever behind small ones.
            if (_waiting.Count == 0 && _taken + bytes <= capacity)
            {
                _taken += bytes;
                return new Share(this, bytes);
            }
            place = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        using (cancellation.Register(() => Leave(place, cancellation))) await place.Value.Granted.Task.ConfigureAwait(false);
        return new Share(this, bytes);
    }

    private void Leave(LinkedListNode<(long, TaskCompletionSource Granted)> place, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (place.List is null) return;
            _waiting.Remove(place);
            // Whoever left may have been too large for what is free, and those behind are not.
            Grant();
        }
        place.Value.Granted.SetCanceled(cancellation);
    }

    private void Return(long bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && _taken + first.Value.Bytes <= capacity)
        {
            _waiting.RemoveFirst();
            _taken += first.Value.Bytes;
            first.Value.Granted.SetResult();
        }
    }

    private sealed class Share(MemoryBudget budget, long bytes) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0) budget.Return(bytes);
        }
    }
}
