namespace IlgpuSpp.Data;

/// <summary>The parts of a data set; all share one list of class names.</summary>
/// <param name="Train">The samples to train on.</param>
/// <param name="Validation">The samples held out.</param>
/// <param name="Test">The samples marked for a final test, where the data set marks any.</param>
public sealed record DatasetSplit(ImageDataset Train, ImageDataset Validation, ImageDataset? Test = null)
{
    /// <summary>
    /// Opens what <c>--data</c> and <c>--val</c> name: a folder of class folders (perhaps with train and val folders), or a
    /// CSV manifest; the validation part comes from <paramref name="validation"/> where given, else from what the data set
    /// itself says, else from a seeded split.
    /// </summary>
    /// <param name="data">A folder or a CSV manifest.</param>
    /// <param name="validation">A folder or a CSV manifest of held-out samples whose classes all occur in <paramref name="data"/>, or <see langword="null"/>.</param>
    /// <param name="trainShare">Share of each class that a seeded split trains on, above 0 and below 1.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <exception cref="DatasetException">The data cannot be used; the message says why.</exception>
    public static DatasetSplit Open(string data, string? validation, double trainShare, ulong seed)
    {
        ImageDataset train = ImageDataset.Open(data);
        if (validation is null) return train.Split(trainShare, seed);

        ImageDataset heldOut = ImageDataset.OpenLike(train, validation);
        ImageDataset parts = train.HasExplicitParts ? train.Part(DatasetPart.Train, DatasetPart.Unassigned) : train;
        return new DatasetSplit(parts, heldOut);
    }
}
