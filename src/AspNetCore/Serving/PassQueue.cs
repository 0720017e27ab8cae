using System.Diagnostics;
using System.Numerics;

namespace IlgpuSpp.AspNetCore;

/// <summary>
/// Takes items through a model on a thread of its own; those that fit together and come within the longest wait share a pass. The oldest item always goes first, so that nothing
/// starves; passes have 1, 2, 4, 8, … items, so that few sizes are planned.
/// </summary>
/// <typeparam name="TItem">What is computed with.</typeparam>
/// <typeparam name="TResult">What comes out.</typeparam>
internal sealed class PassQueue<TItem, TResult> : IDisposable
{
    private readonly Func<TItem, object> _kind;
    private readonly Func<IReadOnlyList<TItem>, IReadOnlyList<TResult>> _run;
    private readonly Action<int, double> _ran;
    private readonly int _maxBatch;
    private readonly TimeSpan _maxWait;
    private readonly List<Ticket> _waiting = [];
    private readonly object _gate = new();
    private readonly Thread _thread;
    private bool _closed;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="maxBatch">Most items of a pass.</param>
    /// <param name="maxWait">Longest time that an item waits for others.</param>
    /// <param name="kind">Items whose kinds are equal may share a pass.</param>
    /// <param name="run">The pass: a result for each item.</param>
    /// <param name="ran">Is told the items of every pass and its seconds.</param>
    public PassQueue(string name, int maxBatch, TimeSpan maxWait, Func<TItem, object> kind, Func<IReadOnlyList<TItem>, IReadOnlyList<TResult>> run, Action<int, double> ran)
    {
        (_kind, _run, _ran, _maxBatch, _maxWait) = (kind, run, ran, maxBatch, maxWait);
        _thread = new Thread(Work, 8 << 20) { IsBackground = true, Name = $"passes of {name}" };
        _thread.Start();
    }

    /// <summary>Puts an item in the queue.</summary>
    /// <param name="item">The item.</param>
    public Ticket Add(TItem item)
    {
        var ticket = new Ticket(this, item);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _waiting.Add(ticket);
            Monitor.Pulse(_gate);
        }
        return ticket;
    }

    /// <summary>Finishes what is in the queue and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Work()
    {
        while (Next() is { } tickets) Run(tickets);
    }

    // What is given up keeps its image no longer.
    private void Remove(Ticket ticket)
    {
        lock (_gate) _waiting.Remove(ticket);
    }

    // The tickets of the next pass; null at the end.
    private List<Ticket>? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_waiting.Count == 0)
                {
                    if (_closed) return null;
                    Monitor.Wait(_gate);
                    continue;
                }
                Ticket oldest = _waiting[0];
                object kind = _kind(oldest.Item);
                List<Ticket> group = [.. _waiting.Where(ticket => _kind(ticket.Item).Equals(kind)).Take(_maxBatch)];
                TimeSpan left = _maxWait - Stopwatch.GetElapsedTime(oldest.Arrived);
                if (group.Count < _maxBatch && left > TimeSpan.Zero && !_closed)
                {
                    Monitor.Wait(_gate, left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left);
                    continue;
                }
                group.RemoveRange(1 << BitOperations.Log2((uint)group.Count), group.Count - (1 << BitOperations.Log2((uint)group.Count)));
                foreach (Ticket ticket in group) ticket.HasStarted = true;
                _waiting.RemoveAll(ticket => ticket.HasStarted);
                return group;
            }
        }
    }

    private void Run(List<Ticket> tickets)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            IReadOnlyList<TResult> results = _run([.. tickets.Select(ticket => ticket.Item)]);
            _ran(tickets.Count, Stopwatch.GetElapsedTime(start).TotalSeconds);
            for (int i = 0; i < tickets.Count; i++) tickets[i].Complete(results[i]);
        }
#pragma warning disable CA1031 // Whoever waits gets it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // One item must not spoil the others' pass, nor a pass that is too large the items of a smaller one.
            if (tickets.Count == 1) tickets[0].Fail(error);
            else
                foreach (Ticket ticket in tickets) Run([ticket]);
        }
    }

    /// <summary>An item on its way.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="item">The item.</param>
    internal sealed class Ticket(PassQueue<TItem, TResult> queue, TItem item)
    {
        private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _started;

        public TItem Item => item;

        public long Arrived { get; } = Stopwatch.GetTimestamp();

        /// <summary>Whether its pass has begun.</summary>
        public bool HasStarted
        {
            get => _started;
            set => _started = value;
        }

        /// <summary>Waits for the result.</summary>
        /// <param name="cancellation">Ends the wait; an item that still waits then leaves the queue.</param>
        public async Task<TResult> ResultAsync(CancellationToken cancellation)
        {
            try
            {
                return await _result.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                queue.Remove(this);
                throw;
            }
        }

        public void Complete(TResult result) => _result.TrySetResult(result);

        public void Fail(Exception error) => _result.TrySetException(error);
    }
}
