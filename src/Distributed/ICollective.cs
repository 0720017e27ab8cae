namespace IlgpuSpp.Distributed;

/// <summary>
/// The processes (ranks) of a distributed run. Every rank calls the same operations in the same order, each from one thread at a time; an operation ends
/// when this rank has what it needs.
/// </summary>
public interface ICollective : IDisposable
{
    /// <summary>This rank, from 0.</summary>
    int Rank { get; }

    /// <summary>Number of ranks, at least 1.</summary>
    int Size => Hosts.Count;

    /// <summary>The machine of every rank.</summary>
    IReadOnlyList<string> Hosts { get; }

    /// <summary>Number of this rank among those of its machine, from 0.</summary>
    int LocalRank => Hosts.Take(Rank).Count(host => host == Hosts[Rank]);

    /// <summary>Ranks on this rank's machine.</summary>
    int LocalSize => Hosts.Count(host => host == Hosts[Rank]);

    /// <summary>Gives every rank the bytes of all.</summary>
    /// <param name="mine">This rank's bytes; as many on every rank.</param>
    /// <param name="all">Receives those of rank 0, 1, …, one after another.</param>
    /// <exception cref="RankLostException">A rank did not take part in time.</exception>
    void AllGather(ReadOnlySpan<byte> mine, Span<byte> all);

    /// <summary>Sends every rank a part and receives one from each.</summary>
    /// <param name="send">The parts for rank 0, 1, …, all of one length.</param>
    /// <param name="receive">Receives those of rank 0, 1, …; as long as <paramref name="send"/>.</param>
    /// <exception cref="RankLostException">A rank did not take part in time.</exception>
    void AllToAll(ReadOnlySpan<float> send, Span<float> receive);

    /// <summary>Adds up the values of all ranks, in an order of the implementation's choice; all ranks get the same sums.</summary>
    /// <param name="values">This rank's values; receives the sums.</param>
    /// <exception cref="RankLostException">A rank did not take part in time.</exception>
    void AllReduce(Span<float> values);
}
