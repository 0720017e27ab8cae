namespace IlgpuSpp.Training;

/// <summary>
/// How the whole network, convolutions included, learns to tell windows apart and to move them. The defaults are those of Girshick's "Fast R-CNN"
/// (arXiv 1504.08083, section 2.3) where it names a value.
/// </summary>
public sealed record EndToEndOptions : WindowTrainingOptions
{
    /// <summary><see cref="FrozenThrough"/> where every layer is trained.</summary>
    public const string NothingFrozen = "none";

    /// <summary>
    /// Fast R-CNN divides the learning rate by ten after 30,000 of 40,000 updates. The windows of an update are shared evenly among its images, each mirrored half of
    /// the times; a random scale is drawn for each image each time.
    /// </summary>
    public EndToEndOptions() => DropAfter = 0.75;

    /// <summary>Images of an update.</summary>
    public int ImagesPerBatch { get; init; } = 2;

    /// <summary>λ: weight of the boxes' loss beside the classes'; 0 for a network that does not move boxes.</summary>
    public double BoxWeight { get; init; } = 1;

    /// <summary>
    /// The network's last layer that stays as it is, by its name; those in front of it stay too. Null for the first layer with weights, whose
    /// filters hardly depend on the task; <see cref="NothingFrozen"/> for none. Batch normalisation in front of the pyramid always
    /// keeps its statistics and factors: with one image a pass there is no batch to take them from.
    /// </summary>
    public string? FrozenThrough { get; init; }

    /// <summary>Factor of the learning rate in front of the pyramid, above 0: below 1 where what is behind begins anew, so that its first errors do not undo what the convolutions know.</summary>
    public double StemRate { get; init; } = 1;

    /// <summary>Whether the activations in front of the pyramid are computed again on the way back: less memory, the same weights.</summary>
    public bool Recompute { get; init; }

    /// <summary>Updates between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Updates between two reports.</summary>
    public int ReportEvery { get; init; } = 50;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.AtLeast(Iterations, 1);
        OptionCheck.AtLeast(ImagesPerBatch, 1);
        OptionCheck.That(BatchSize >= 2 * ImagesPerBatch, nameof(BatchSize), $"must be at least 2 for each of the {ImagesPerBatch} images, but is {BatchSize}");
        OptionCheck.InRange(BoxWeight, BoxWeight >= 0 && double.IsFinite(BoxWeight), "at least 0");
        OptionCheck.InRange(StemRate, StemRate > 0 && double.IsFinite(StemRate), "above 0");
        OptionCheck.AtLeast(CheckpointEvery, 1);
        OptionCheck.AtLeast(ReportEvery, 1);
    }
}
