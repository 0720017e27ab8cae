namespace IlgpuSpp.Training;

/// <summary>How the layers behind the pyramid learn to tell windows apart. The defaults are the paper's (section 4.1) where it names a value.</summary>
public sealed record FineTuningOptions : IWindowTrainingOptions
{
    /// <summary>Updates of the weights; 0 leaves the layers as they are. The paper makes 300,000 of them on 5011 images.</summary>
    public int Iterations { get; init; } = 3000;

    /// <summary>Windows of an update.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Share of the windows that lie on an object.</summary>
    public double ForegroundShare { get; init; } = 0.25;

    /// <summary>Smallest overlap of a window that counts as its object.</summary>
    public double ForegroundOverlap { get; init; } = 0.5;

    /// <summary>Smallest overlap of a window that counts as background; such windows overlap less than <see cref="ForegroundOverlap"/>.</summary>
    public double BackgroundOverlap { get; init; } = 0.1;

    /// <summary>The learning rate at first.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Share of the updates after which the learning rate is divided by ten: the paper's 250,000 of 300,000.</summary>
    public double DropAfter { get; init; } = 5.0 / 6;

    /// <summary>Share of the velocity kept.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Whether images are also trained on mirrored left to right, as in the release.</summary>
    public bool Flips { get; init; } = true;

    /// <summary>At which scale windows are pooled for training; the release takes a random one. The images held out are always seen at the best.</summary>
    public TrainingScale Scale { get; init; } = TrainingScale.Random;

    /// <summary>Most windows on objects that an image gives at a time.</summary>
    public int ForegroundPerImage { get; init; } = 24;

    /// <summary>Most background windows that an image gives at a time.</summary>
    public int BackgroundPerImage { get; init; } = 48;

    /// <summary>Most bytes of window features held at a time; images are gone through in groups of this size.</summary>
    public long GroupBytes { get; init; } = 768L << 20;

    /// <summary>How often, on average, a window on an object is drawn before the next group of images is loaded.</summary>
    public double DrawsPerGroup { get; init; } = 6;

    /// <summary>Updates between two measurements on the images held out; each is followed by a checkpoint.</summary>
    public int EvaluateEvery { get; init; } = 250;

    /// <summary>Share of the images held out to choose the best weights by.</summary>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        OptionRefusal.Check(this);
        OptionRefusal.Refuse(Iterations < 0, nameof(Iterations), "should not be negative");
        OptionRefusal.Refuse(BatchSize < 2, nameof(BatchSize), "should be at least 2");
        OptionRefusal.Refuse(ForegroundPerImage < 1 || BackgroundPerImage < 1, nameof(ForegroundPerImage), "and BackgroundPerImage should be at least 1");
        OptionRefusal.Refuse(EvaluateEvery < 1, nameof(EvaluateEvery), "should be at least 1");
        OptionRefusal.Refuse(!(HeldOutShare is > 0 and < 1), nameof(HeldOutShare), "should lie between 0 and 1");
        OptionRefusal.Refuse(!(DrawsPerGroup > 0), nameof(DrawsPerGroup), "should be above 0");
    }
}
