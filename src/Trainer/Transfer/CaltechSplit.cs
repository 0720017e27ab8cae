namespace IlgpuSpp.Training;

/// <summary>One random split of the Caltech-101 protocol: some training images a class, at most some test images of the rest.</summary>
/// <param name="Train">Training images, by number.</param>
/// <param name="Test">Test images, by number.</param>
internal sealed record CaltechSplit(int[] Train, int[] Test)
{
    /// <summary>Training images a class: as many as asked for, or the same share of the smallest class where that has too few for training and testing.</summary>
    public static int TrainImagesFor(IReadOnlyList<int> labels, int classes, int train, int test)
    {
        int smallest = Enumerable.Range(0, classes).Min(c => labels.Count(label => label == c));
        return smallest > train ? train : Math.Max(1, smallest * train / (train + test));
    }

    /// <summary>The training images with one in so many of every class held out; null where that leaves nothing on one side.</summary>
    /// <param name="perClass">Training images a class.</param>
    /// <param name="share">One in this many is held out, at least one.</param>
    public CaltechSplit? Validation(int perClass, int share)
    {
        int held = Math.Max(1, perClass / share);
        if (perClass - held < 1) return null;
        int[][] classes = [.. Train.Chunk(perClass)];
        return new CaltechSplit([.. classes.SelectMany(own => own[held..])], [.. classes.SelectMany(own => own[..held])]);
    }

    /// <summary>Draws a split; the same seed and number give the same one.</summary>
    public static CaltechSplit Draw(IReadOnlyList<int> labels, int classes, int train, int test, ulong seed, int number)
    {
        var training = new List<int>();
        var testing = new List<int>();
        for (int c = 0; c < classes; c++)
        {
            int[] members = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i] == c)];
            new RandomStream(new RandomKey(seed, 0x5350_4c00u + (uint)number, (uint)c)).Shuffle<int>(members);
            training.AddRange(members.Take(train));
            testing.AddRange(members.Skip(train).Take(test));
        }
        return new CaltechSplit([.. training], [.. testing]);
    }
}
