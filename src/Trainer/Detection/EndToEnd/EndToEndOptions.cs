namespace IlgpuSpp.Training;

/// <summary>
/// How the whole network, convolutions included, learns to tell windows apart and to move them. The defaults are those of Girshick's "Fast R-CNN"
/// (arXiv 1504.08083, section 2.3) where it names a value.
/// </summary>
public sealed record EndToEndOptions : IWindowTrainingOptions
{
    /// <summary><see cref="FrozenThrough"/> where every layer is trained.</summary>
    public const string NothingFrozen = "none";

    /// <summary>Updates of the weights.</summary>
    public int Iterations { get; init; } = 3000;

    /// <summary>Images of an update.</summary>
    public int ImagesPerBatch { get; init; } = 2;

    /// <summary>Windows of an update, shared evenly among its images.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Share of the windows that lie on an object, where there are so many.</summary>
    public double ForegroundShare { get; init; } = 0.25;

    /// <summary>Smallest overlap of a window that counts as its object.</summary>
    public double ForegroundOverlap { get; init; } = 0.5;

    /// <summary>Smallest overlap of a window that counts as background; such windows overlap less than <see cref="ForegroundOverlap"/>.</summary>
    public double BackgroundOverlap { get; init; } = 0.1;

    /// <summary>The learning rate at first.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Share of the updates after which the learning rate is divided by ten: 30,000 of 40,000.</summary>
    public double DropAfter { get; init; } = 0.75;

    /// <summary>Share of the velocity kept.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>λ: weight of the boxes' loss beside the classes'; 0 for a network that does not move boxes.</summary>
    public double BoxWeight { get; init; } = 1;

    /// <summary>Whether an image is mirrored left to right half of the times.</summary>
    public bool Flips { get; init; } = true;

    /// <summary>At which scale windows are pooled: one drawn at random for each image each time, or each window's best.</summary>
    public TrainingScale Scale { get; init; } = TrainingScale.Random;

    /// <summary>
    /// The network's last layer that stays as it is, by its name; those in front of it stay too. Null for the first layer with weights, whose
    /// filters hardly depend on the task; <see cref="NothingFrozen"/> for none. Batch normalisation in front of the pyramid always
    /// keeps its statistics and factors: with one image a pass there is no batch to take them from.
    /// </summary>
    public string? FrozenThrough { get; init; }

    /// <summary>Updates between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Updates between two reports.</summary>
    public int ReportEvery { get; init; } = 50;

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        OptionRefusal.Check(this);
        OptionRefusal.Refuse(Iterations < 1, nameof(Iterations), "should be at least 1");
        OptionRefusal.Refuse(ImagesPerBatch < 1, nameof(ImagesPerBatch), "should be at least 1");
        OptionRefusal.Refuse(BatchSize < 2 * ImagesPerBatch, nameof(BatchSize), "should be at least 2 for each image");
        OptionRefusal.Refuse(!(BoxWeight >= 0 && double.IsFinite(BoxWeight)), nameof(BoxWeight), "should not be negative");
        OptionRefusal.Refuse(CheckpointEvery < 1 || ReportEvery < 1, nameof(CheckpointEvery), "and ReportEvery should be at least 1");
    }
}
