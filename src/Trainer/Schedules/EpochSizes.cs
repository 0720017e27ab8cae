namespace IlgpuSpp.Training;

/// <summary>The input size of every epoch (the paper: multi-size training in sections 2.3 and 3.1.3, random sizes in 3.1.3).</summary>
internal static class EpochSizes
{
    /// <summary>Side of the training input in pixels.</summary>
    /// <param name="options">The sizes and how they are chosen.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static int At(TrainerOptions options, int epoch)
    {
        if (options.SizePolicy == SizePolicy.MultiSize) return options.Sizes[epoch % options.Sizes.Length];
        int least = options.Sizes.Min(), most = options.Sizes.Max();
        return least + new RandomStream(new RandomKey(options.Seed, TrainingStreams.Size, (uint)epoch)).NextInt(most - least + 1);
    }
}

/// <summary>The random streams that the training loop itself draws from; high numbers, apart from those of layers and data.</summary>
internal static class TrainingStreams
{
    public const uint Size = 0x7EA1_0001;
}
