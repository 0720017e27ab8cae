namespace IlgpuSpp.Distributed;

/// <summary>Ranks that are threads of this process, for tests: each thread has one of <see cref="Create"/>'s.</summary>
internal sealed class ThreadedCollective : ICollective
{
    private readonly Group _group;

    private ThreadedCollective(Group group, int rank)
    {
        (_group, Rank) = (group, rank);
        Hosts = [.. Enumerable.Repeat(Environment.MachineName, group.Size)];
    }

    public int Rank { get; }

    public IReadOnlyList<string> Hosts { get; }

    /// <summary>Makes the ranks of one run.</summary>
    public static ICollective[] Create(int ranks)
    {
        var group = new Group(ranks);
        return [.. Enumerable.Range(0, ranks).Select(rank => new ThreadedCollective(group, rank))];
    }

    public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        byte[][] sent = _group.Share(Rank, mine.ToArray());
        for (int rank = 0; rank < sent.Length; rank++) sent[rank].CopyTo(all[(rank * mine.Length)..]);
    }

    public void AllToAll(ReadOnlySpan<float> send, Span<float> receive)
    {
        int length = send.Length / _group.Size;
        float[][] sent = _group.Share(Rank, send.ToArray());
        for (int rank = 0; rank < sent.Length; rank++) sent[rank].AsSpan(Rank * length, length).CopyTo(receive[(rank * length)..]);
    }

    public void AllReduce(Span<float> values)
    {
        float[][] sent = _group.Share(Rank, values.ToArray());
        values.Clear();
        foreach (float[] one in sent)
            for (int i = 0; i < values.Length; i++) values[i] += one[i];
    }

    public void Dispose() => _group.Leave();

    private sealed class Group(int size)
    {
        private readonly object[] _sent = new object[size];
        private readonly object _gate = new();
        private int _arrived, _meeting;
        private bool _left;

        public int Size => size;

        public T[] Share<T>(int rank, T value) where T : class
        {
            _sent[rank] = value;
            Meet();
            T[] all = [.. _sent.Select(one => (T)one)];
            Meet();
            return all;
        }

        public void Leave()
        {
            lock (_gate)
            {
                _left = true;
                Monitor.PulseAll(_gate);
            }
        }

        // A rank that has left comes to no meeting any more; those that were complete before are.
        private void Meet()
        {
            lock (_gate)
            {
                int meeting = _meeting;
                if (++_arrived == size)
                {
                    (_arrived, _meeting) = (0, meeting + 1);
                    Monitor.PulseAll(_gate);
                }
                while (_meeting == meeting)
                {
                    if (_left) throw new InvalidOperationException("A rank has left the run.");
                    Monitor.Wait(_gate);
                }
            }
        }
    }
}
