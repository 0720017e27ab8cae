namespace IlgpuSpp.Engine.Cpu;

/// <summary>A piece of work that is cut into numbered items. Implementations hold raw pointers and numbers only.</summary>
internal interface IParallelJob
{
    /// <summary>Does one item.</summary>
    /// <param name="item">Number of the item.</param>
    /// <param name="worker">Which worker runs it, 0 to the pool's threads − 1: selects scratch memory.</param>
    void Run(int item, int worker);
}

/// <summary>A job that knows how many items it has.</summary>
internal interface ICountedJob : IParallelJob
{
    int Items { get; }
}

/// <summary>
/// Persistent worker threads that take items from a shared counter. The caller works too and returns when all items
/// are finished, not when all workers have woken: a late worker finds nothing left and sleeps again. Items are the
/// same at every thread count, so results do not depend on it. A call made while another is running (from another
/// thread, or from inside an item) runs on the calling thread alone.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinsBeforeSleep = 200;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim _wake = new(0);
    private int _busy, _sleepers;
    private volatile bool _stopping;

    // The running job: its number in the high half of the ticket, the next item in the low half. The other fields may
    // be read only after an item of that job was won: the caller cannot leave before that item is finished.
    private long _ticket;
    private int _items, _unfinished;
    private void* _job;
    private delegate*<void*, int, int, void> _invoke;
    private Exception? _failure;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int worker = i + 1;
            _workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"ilgpuspp worker {worker}" };
            _workers[i].Start();
        }
    }

    public int Threads { get; }

    /// <summary>Runs all items of a job and returns when they are done.</summary>
    public void Run<TJob>(TJob job)
        where TJob : unmanaged, ICountedJob => Run(job, job.Items);

    /// <summary>Runs a number of items of a job and returns when they are done.</summary>
    public void Run<TJob>(TJob job, int items)
        where TJob : unmanaged, IParallelJob
    {
        if (items <= 0) return;
        if (Threads == 1 || items == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (int item = 0; item < items; item++) job.Run(item, 0);
            return;
        }
        // The old job's ticket is closed first, so that a late worker cannot win an item while the fields change.
        int number = (int)(Volatile.Read(ref _ticket) >> 32);
        Interlocked.Exchange(ref _ticket, ((long)number++ << 32) | int.MaxValue);
        _job = &job;
        _invoke = &Invoke<TJob>;
        _failure = null;
        Volatile.Write(ref _items, items);
        Volatile.Write(ref _unfinished, items);
        Interlocked.Exchange(ref _ticket, (long)number << 32);
        int sleepers = Volatile.Read(ref _sleepers);
        if (sleepers > 0) _wake.Release(Math.Min(sleepers, items - 1));
        TakeItems(number, 0);
        var spin = new SpinWait();
        while (Volatile.Read(ref _unfinished) != 0) spin.SpinOnce(sleep1Threshold: -1);
        Exception? failure = _failure;
        Volatile.Write(ref _busy, 0);
        if (failure is not null) throw failure;
    }

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        _wake.Release(Math.Max(1, _workers.Length));
        foreach (Thread worker in _workers) worker.Join();
        _wake.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Invoke<TJob>(void* job, int item, int worker)
        where TJob : unmanaged, IParallelJob => ((TJob*)job)->Run(item, worker);

    private void Work(int worker)
    {
        int seen = 0;
        while (!_stopping)
        {
            int number = WaitForJob(seen);
            if (_stopping) return;
            seen = number;
            TakeItems(number, worker);
        }
    }

    private int WaitForJob(int seen)
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            int number = (int)(Volatile.Read(ref _ticket) >> 32);
            if (number != seen || _stopping) return number;
            Thread.SpinWait(20);
        }
        while (true)
        {
            // Announced before the last look: a caller either sees the sleeper or is seen.
            Interlocked.Increment(ref _sleepers);
            int number = (int)(Volatile.Read(ref _ticket) >> 32);
            if (number == seen && !_stopping) _wake.Wait();
            Interlocked.Decrement(ref _sleepers);
            number = (int)(Volatile.Read(ref _ticket) >> 32);
            if (number != seen || _stopping) return number;
        }
    }

    private void TakeItems(int number, int worker)
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            if ((int)(ticket >> 32) != number || (int)ticket >= Volatile.Read(ref _items)) return;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket) continue;
            try
            {
                _invoke(_job, (int)ticket, worker);
            }
            catch (Exception error)
            {
                // Rethrown on the caller's thread; a worker that died would leave the caller waiting for ever.
                Interlocked.CompareExchange(ref _failure, error, null);
            }
            Interlocked.Decrement(ref _unfinished);
        }
    }
}
