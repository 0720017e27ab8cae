using System.Numerics;
using System.Runtime.InteropServices;
using IlgpuSpp.Distributed;

namespace IlgpuSpp.Training.Distributed;

/// <summary>
/// Adds up vectors of all shards over all ranks. In the order of <see cref="ShardTree"/> a piece at a time: every rank gets its part of the piece from all, adds
/// it up and gives the sum to all, which is the traffic of a ring.
/// </summary>
internal sealed class GradientReduction
{
    // 4 MiB: large enough that the latency of an operation does not count, small enough for the caches.
    private const int PieceLength = 1 << 20;

    private readonly ICollective _ranks;
    private readonly ReduceOrder _order;
    private readonly IReadOnlyList<ShardNode>[] _nodes;
    private readonly Stack<float[]> _free = [];
    private readonly List<(ShardNode Node, float[] Sum)> _sums = [];
    private readonly float[] _send, _received, _gathered;
    private readonly int _mostNodes, _length;

    /// <param name="length">Length of the vectors.</param>
    /// <param name="shards">Number of shards, at least that of the ranks.</param>
    /// <param name="order">In which order they are added up.</param>
    /// <param name="ranks">The ranks.</param>
    public GradientReduction(int length, int shards, ReduceOrder order, ICollective ranks)
    {
        (_ranks, _order, _length) = (ranks, order, length);
        _nodes = [.. Enumerable.Range(0, ranks.Size).Select(rank => ShardTree.Nodes(ShardTree.First(shards, rank, ranks.Size), ShardTree.First(shards, rank + 1, ranks.Size)))];
        _mostNodes = _nodes.Max(own => own.Count);
        int part = ranks.Size == 1 || order == ReduceOrder.Fast ? 0 : PartOf(Math.Min(length, PieceLength));
        _send = new float[part * ranks.Size * _mostNodes];
        _received = new float[_send.Length];
        _gathered = new float[part * ranks.Size];
    }

    /// <summary>A vector to fill for the next shard; what it holds is left over.</summary>
    public float[] Rent() => _free.TryPop(out float[]? free) ? free : new float[_length];

    /// <summary>Adds the vector of this rank's next shard.</summary>
    /// <param name="shard">The shard; they come in order.</param>
    /// <param name="vector">What <see cref="Rent"/> gave, filled.</param>
    public void Add(int shard, float[] vector) => ShardTree.Push(_sums, new ShardNode(0, shard), vector, AddRight);

    /// <summary>Writes a number of this rank alone, which is known when its shards are done.</summary>
    /// <param name="index">Its place in the vectors, zero in all of them.</param>
    /// <param name="value">The number.</param>
    public void Note(int index, float value) => _sums[0].Sum[index] = value;

    /// <summary>Adds up over all ranks, each of which has added all its shards.</summary>
    /// <returns>The sum; it holds until <see cref="Return"/>.</returns>
    public float[] Reduce()
    {
        float[] result = _ranks.Size == 1 || _order == ReduceOrder.Fast ? ShardTree.Root(_sums, AddRight) : _sums[0].Sum;
        for (int start = 0; _ranks.Size > 1 && start < _length; start += PieceLength)
        {
            int length = Math.Min(PieceLength, _length - start);
            if (_order == ReduceOrder.Fast) _ranks.AllReduce(result.AsSpan(start, length));
            else ReducePiece(result, start, length);
        }
        for (int i = 1; i < _sums.Count; i++) _free.Push(_sums[i].Sum);
        _sums.Clear();
        return result;
    }

    /// <summary>Takes a sum back.</summary>
    public void Return(float[] sum) => _free.Push(sum);

    /// <summary>a ← a + b.</summary>
    public static void AddTo(Span<float> a, ReadOnlySpan<float> b)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> other = MemoryMarshal.Cast<float, Vector<float>>(b);
        for (int i = 0; i < wide.Length; i++) wide[i] += other[i];
        for (int i = wide.Length * Vector<float>.Count; i < a.Length; i++) a[i] += b[i];
    }

    private void AddRight(float[] left, float[] right)
    {
        AddTo(left, right);
        _free.Push(right);
    }

    private int PartOf(int length) => (length - 1) / _ranks.Size + 1;

    private void ReducePiece(float[] result, int start, int length)
    {
        int ranks = _ranks.Size, part = PartOf(length), share = part * _mostNodes;
        for (int rank = 0; rank < ranks; rank++)
            for (int i = 0; i < _sums.Count; i++)
                Part(_sums[i].Sum, rank).CopyTo(_send.AsSpan(rank * share + i * part));
        _ranks.AllToAll(_send.AsSpan(0, share * ranks), _received.AsSpan(0, share * ranks));

        var sums = new List<(ShardNode, int Offset)>();
        for (int rank = 0; rank < ranks; rank++)
            for (int i = 0; i < _nodes[rank].Count; i++)
                ShardTree.Push(sums, _nodes[rank][i], rank * share + i * part, AddParts);
        int sum = ShardTree.Root(sums, AddParts);
        _ranks.AllGather(MemoryMarshal.AsBytes(_received.AsSpan(sum, part)), MemoryMarshal.AsBytes(_gathered.AsSpan(0, part * ranks)));
        for (int rank = 0; rank < ranks; rank++)
        {
            Span<float> own = Part(result, rank);
            _gathered.AsSpan(rank * part, own.Length).CopyTo(own);
        }

        Span<float> Part(float[] vector, int rank)
        {
            int first = Math.Min(rank * part, length);
            return vector.AsSpan(start + first, Math.Min(part, length - first));
        }

        void AddParts(int left, int right) => AddTo(_received.AsSpan(left, part), _received.AsSpan(right, part));
    }
}
