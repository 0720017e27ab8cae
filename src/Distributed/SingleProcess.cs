namespace IlgpuSpp.Distributed;

/// <summary>A run of one rank: every operation copies.</summary>
public sealed class SingleProcess : ICollective
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> Hosts { get; } = [Environment.MachineName];

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all) => mine.CopyTo(all);

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<float> send, Span<float> receive) => send.CopyTo(receive);

    /// <inheritdoc/>
    public void AllReduce(Span<float> values)
    {
        // The sum of one rank is what it has.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}
