namespace IlgpuSpp.Data;

/// <summary>The random streams that the data pipeline draws from; high numbers, apart from those of layers.</summary>
internal static class DataStreams
{
    public const uint Split = 0xDA7A_0001;
    public const uint Order = 0xDA7A_0002;
    public const uint Augmentation = 0xDA7A_0003;
    public const uint Shapes = 0xDA7A_0004;
    public const uint ShapeNoise = 0xDA7A_0005;
    public const uint ObjectCrops = 0xDA7A_0006;
    public const uint Mixing = 0xDA7A_0007;

    /// <summary>
    /// A key for one of many items: a sample in an epoch, an image of a generator. The item's number enters the seed
    /// through a block of the parent's stream, so that stream and step stay free.
    /// </summary>
    public static RandomKey Derive(RandomKey parent, long item)
    {
        PhiloxBlock words = Philox.Block(parent, (ulong)item);
        return new RandomKey(((ulong)words.Y << 32) | words.X, parent.Stream, words.Z);
    }
}
