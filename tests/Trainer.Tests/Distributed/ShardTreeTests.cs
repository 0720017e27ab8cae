using IlgpuSpp.Distributed;
using IlgpuSpp.Training.Distributed;

namespace IlgpuSpp.Training.Tests.Distributed;

/// <summary>The order of the sum, against formulas written out by hand, and its independence of the ranks.</summary>
public class ShardTreeTests
{
    [Theory]
    [InlineData(1, "0")]
    [InlineData(3, "((0+1)+2)")]
    [InlineData(6, "(((0+1)+(2+3))+(4+5))")]
    [InlineData(7, "(((0+1)+(2+3))+((4+5)+6))")]
    [InlineData(8, "(((0+1)+(2+3))+((4+5)+(6+7)))")]
    public void The_sum_of_shards_is_one_tree(int shards, string formula)
    {
        var sums = new List<(ShardNode, Formula Sum)>();
        for (int shard = 0; shard < shards; shard++) ShardTree.Push(sums, new ShardNode(0, shard), new Formula { Text = $"{shard}" }, Add);
        Assert.Equal(formula, ShardTree.Root(sums, Add).Text);
        static void Add(Formula left, Formula right) => left.Text = $"({left.Text}+{right.Text})";
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    [InlineData(8, 4)]
    [InlineData(8, 8)]
    [InlineData(7, 5)]
    [InlineData(12, 5)]
    public void Any_number_of_ranks_gives_the_bits_of_the_tree(int shards, int ranks)
    {
        // More than one piece of 2^20 numbers, and no multiple of the ranks or of a vector.
        const int Length = (1 << 20) + 77;
        float[][] vectors = [.. Enumerable.Range(0, shards).Select(shard => Drawn(shard, Length))];
        float[] expected = Expected(vectors, 0, shards, 1 << 4);
        float[][] reduced = Ranked(ranks, (rank, own) =>
        {
            var reduction = new GradientReduction(Length, shards, ReduceOrder.Tree, own);
            for (int shard = ShardTree.First(shards, rank, ranks); shard < ShardTree.First(shards, rank + 1, ranks); shard++)
            {
                float[] vector = reduction.Rent();
                vectors[shard].CopyTo(vector, 0);
                reduction.Add(shard, vector);
            }
            return reduction.Reduce();
        });
        Assert.All(reduced, sum => Assert.True(expected.AsSpan().SequenceEqual(sum)));
    }

    [Fact]
    public void The_fast_order_gives_the_sum_but_for_rounding()
    {
        const int Length = 1000, Shards = 6;
        float[][] vectors = [.. Enumerable.Range(0, Shards).Select(shard => Drawn(shard, Length))];
        float[][] reduced = Ranked(3, (rank, own) =>
        {
            var reduction = new GradientReduction(Length, Shards, ReduceOrder.Fast, own);
            for (int shard = 2 * rank; shard < 2 * rank + 2; shard++) reduction.Add(shard, [.. vectors[shard]]);
            return reduction.Reduce();
        });
        for (int i = 0; i < Length; i++)
        {
            double sum = vectors.Sum(vector => (double)vector[i]), size = vectors.Sum(vector => Math.Abs((double)vector[i]));
            Assert.All(reduced, own => Assert.InRange(own[i] - sum, -1e-6 * size, 1e-6 * size));
        }
    }

    /// <summary>Runs something on several ranks, each a thread.</summary>
    internal static T[] Ranked<T>(int ranks, Func<int, ICollective, T> work)
    {
        ICollective[] all = ThreadedCollective.Create(ranks);
        Task<T>[] tasks =
        [
            .. all.Select(own => Task.Factory.StartNew(() =>
            {
                using (own) return work(own.Rank, own);
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        return Task.WhenAll(tasks).GetAwaiter().GetResult();
    }

    // The tree from its root: the left half is the largest power of two of shards that leaves a right one.
    private static float[] Expected(float[][] vectors, int first, int end, int half)
    {
        if (end - first == 1) return vectors[first];
        while (half >= end - first) half /= 2;
        float[] left = Expected(vectors, first, first + half, half), right = Expected(vectors, first + half, end, half);
        float[] sum = new float[left.Length];
        for (int i = 0; i < sum.Length; i++) sum[i] = left[i] + right[i];
        return sum;
    }

    private static float[] Drawn(int shard, int length)
    {
        var random = new RandomStream(new RandomKey(9, 1, (uint)shard));
        float[] drawn = [.. Enumerable.Range(0, 1009).Select(_ => random.NextNormal())], vector = new float[length];
        for (int i = 0; i < length; i++) vector[i] = drawn[i % drawn.Length];
        return vector;
    }

    private sealed class Formula
    {
        public required string Text { get; set; }
    }
}
