namespace IlgpuSpp.Training;

/// <summary>
/// How the layers behind the pyramid learn to tell windows apart. Shares and overlaps are by default the paper's (section 4.1); 3000 updates at 10⁻³ are not, but fit small sets.
/// </summary>
public sealed record FineTuningOptions : WindowTrainingOptions
{
    /// <summary>
    /// The paper makes 300,000 updates on 5011 images, at 10⁻⁴ and after 250,000 of them at 10⁻⁵; the release starts at 10⁻³ and divides by ten after every 30,000. 0 updates leave the
    /// layers as they are. The images held out are always seen at the best scale; the release trains at a random one.
    /// </summary>
    public FineTuningOptions() => DropAfter = 5.0 / 6;

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

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.AtLeast(Iterations, 0);
        OptionCheck.AtLeast(BatchSize, 2);
        OptionCheck.AtLeast(ForegroundPerImage, 1);
        OptionCheck.AtLeast(BackgroundPerImage, 1);
        OptionCheck.AtLeast(EvaluateEvery, 1);
        OptionCheck.InRange(HeldOutShare, HeldOutShare is > 0 and < 1, "above 0 and below 1");
        OptionCheck.InRange(DrawsPerGroup, DrawsPerGroup > 0, "above 0");
    }
}
