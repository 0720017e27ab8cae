namespace IlgpuSpp.Training;

/// <summary>The random streams that the training loop itself draws from; high numbers, apart from those of layers and data.</summary>
internal static class TrainingStreams
{
    public const uint Size = 0x7EA1_0001;
}
