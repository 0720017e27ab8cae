namespace IlgpuSpp.Training.Distributed;

/// <summary>A node of the binary tree over a batch's shards: number <paramref name="Index"/> of those that cover 2^<paramref name="Level"/> shards.</summary>
/// <param name="Level">Height above the shards, which have 0.</param>
/// <param name="Index">Number among the nodes of its level, from 0.</param>
internal readonly record struct ShardNode(int Level, int Index)
{
    public ShardNode Parent => new(Level + 1, Index / 2);

    public bool IsLeftSiblingOf(ShardNode right) => Level == right.Level && Index % 2 == 0 && right.Index == Index + 1;
}

/// <summary>
/// The order in which shards are added up. Two neighbours are added as soon as both are there, as a binary counter carries, and at the end what is left from right
/// to left. Which rank holds which shards changes who adds, not what is added to what.
/// </summary>
internal static class ShardTree
{
    /// <summary>First shard of a rank; that of the next rank is its end.</summary>
    public static int First(int shards, int rank, int ranks) => (int)((long)shards * rank / ranks);

    /// <summary>The nodes that are left when shards of one rank are added up.</summary>
    /// <param name="first">The first shard.</param>
    /// <param name="end">The shard behind the last.</param>
    public static IReadOnlyList<ShardNode> Nodes(int first, int end)
    {
        var sums = new List<(ShardNode Node, bool Sum)>();
        for (int shard = first; shard < end; shard++) Push(sums, new ShardNode(0, shard), true, (_, _) => { });
        return [.. sums.Select(sum => sum.Node)];
    }

    /// <summary>Puts the sum of a node behind those to its left and adds up what can be.</summary>
    /// <param name="sums">The sums so far, from left to right.</param>
    /// <param name="node">The node.</param>
    /// <param name="sum">Its sum.</param>
    /// <param name="addRight">Adds its second argument to the first; the second is not needed any more.</param>
    public static void Push<T>(List<(ShardNode Node, T Sum)> sums, ShardNode node, T sum, Action<T, T> addRight)
    {
        sums.Add((node, sum));
        while (sums.Count > 1 && sums[^2].Node.IsLeftSiblingOf(sums[^1].Node)) AddLast(sums, addRight);
    }

    /// <summary>The sum of all.</summary>
    /// <param name="sums">The sums of nodes that together are all shards; one is left.</param>
    /// <param name="addRight">Adds its second argument to the first; the second is not needed any more.</param>
    public static T Root<T>(List<(ShardNode Node, T Sum)> sums, Action<T, T> addRight)
    {
        while (sums.Count > 1) AddLast(sums, addRight);
        return sums[0].Sum;
    }

    private static void AddLast<T>(List<(ShardNode Node, T Sum)> sums, Action<T, T> addRight)
    {
        addRight(sums[^2].Sum, sums[^1].Sum);
        sums[^2] = (sums[^2].Node.Parent, sums[^2].Sum);
        sums.RemoveAt(sums.Count - 1);
    }
}
