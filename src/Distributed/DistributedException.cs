namespace IlgpuSpp.Distributed;

/// <summary>A distributed run cannot start or go on.</summary>
/// <param name="message">Why, and what to do about it.</param>
public class DistributedException(string message) : IlgpuSppException(message);

/// <summary>Ranks did not take part in an operation in time.</summary>
public sealed class RankLostException : DistributedException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="ranks">The ranks; none where all answer and the operation did not end all the same.</param>
    /// <param name="hosts">Their machines.</param>
    /// <param name="waited">How long they were waited for.</param>
    /// <param name="position">What the run was at; null where nobody knows yet.</param>
    public RankLostException(IReadOnlyList<int> ranks, IReadOnlyList<string> hosts, TimeSpan waited, string? position = null)
        : base(Text(ranks, hosts, waited, position)) => (Ranks, Hosts, Waited, Position) = (ranks, hosts, waited, position);

    /// <summary>The ranks.</summary>
    public IReadOnlyList<int> Ranks { get; }

    /// <summary>Their machines.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>How long they were waited for.</summary>
    public TimeSpan Waited { get; }

    /// <summary>What the run was at.</summary>
    public string? Position { get; }

    private static string Text(IReadOnlyList<int> ranks, IReadOnlyList<string> hosts, TimeSpan waited, string? position)
    {
        string who = ranks.Count == 0
            ? "all ranks answer, but an operation of theirs did not end"
            : string.Join(", ", ranks.Zip(hosts, (rank, host) => $"rank {rank} on {host}")) + (ranks.Count == 1 ? " has" : " have") + " not answered";
        return FormattableString.Invariant($"{who} within {waited.TotalSeconds:0.#} s{(position is null ? "" : $" ({position})")}; the last checkpoint stands, resume the run (a longer --collective-timeout waits longer).");
    }
}
