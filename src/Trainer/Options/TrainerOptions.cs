using System.Collections.Immutable;

namespace IlgpuSpp.Training;

/// <summary>
/// How a network is trained. The learning rate and its two drops, momentum, decay, size, crops and augmentation are by default the paper's (sections 2.3 and 3.1); 30 epochs, 64 images
/// a batch and mean and deviation of every channel are not: the paper takes 70 or 90 epochs, the release's batch has 128 images, and the mean image of ImageNet or 128 is subtracted.
/// </summary>
public sealed record TrainerOptions
{
    private const int LargestSide = 8192;

    /// <summary>Input sizes in pixels: the side of the square that the training crop is resized to.</summary>
    public ImmutableArray<int> Sizes { get; init; } = [224];

    /// <summary>Which of <see cref="Sizes"/> an epoch trains at.</summary>
    public SizePolicy SizePolicy { get; init; }

    /// <summary>
    /// Side of the crop in pixels, before it is resized to the epoch's size; null for the largest of <see cref="Sizes"/>. Random
    /// resized crops have sides of their own; what the option then decides is how large evaluation shows objects, and null stands for
    /// the minimum side: test images shrink as much as the average crop did (Touvron et al., "Fixing the train-test resolution discrepancy").
    /// </summary>
    public int? CropSize { get; init; }

    /// <summary>Minimum side that images are resized to before they are cropped; null for the paper's 256 for every 224 pixels of crop.</summary>
    public int? ResizeSide { get; init; }

    /// <summary>As <see cref="InputPreparation.ReducedDecoding"/>, for training and for the model.</summary>
    public bool ReducedDecoding { get; init; }

    /// <summary>Number of passes over the training images, at least 1.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Images of one forward and backward pass, at least 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Batches whose gradients are averaged for one update of the weights, at least 1.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>
    /// Parts of equal size that every batch is cut into, each run by itself and added up in a fixed order, so that several processes can share a step and end with the same bits as one
    /// (docs/distributed.md); a divisor of <see cref="BatchSize"/>, at least the number of processes. 0 runs a batch whole.
    /// </summary>
    public int Shards { get; init; }

    /// <summary>In which order the gradients of shards are added up.</summary>
    public ReduceOrder Reduce { get; init; }

    /// <summary>
    /// Whether a step keeps the inputs of a few parts of the network only and computes what is between them once more on its way back: less memory for large
    /// images or batches, about a third more time, the same weights to the bit.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>How the weights follow the gradient.</summary>
    public OptimiserKind Optimiser { get; init; }

    /// <summary>Learning rate after the warm-up, above 0.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Share of the velocity kept by <see cref="OptimiserKind.Sgd"/> and <see cref="OptimiserKind.Nesterov"/>, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay, at least 0.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>AdamW's β₁, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's β₂, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW's ε, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest Euclidean norm of the gradient of all parameters together; a longer one is shortened to it. 0 switches it off.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Share of the target probability spread over all classes, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Exponent γ of focal loss, 0 to 10 (Lin et al., "Focal loss for dense object detection", equation 4): images that are named rightly already count less. 0 is cross-entropy. Validation losses stay cross-entropy.</summary>
    public double FocalExponent { get; init; }

    /// <summary>Decay of the exponential average of the weights a step, in [0, 1). 0 switches it off; otherwise the averaged weights are evaluated and saved as the best.</summary>
    public double EmaDecay { get; init; }

    /// <summary>How the learning rate changes.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Factor of <see cref="ScheduleKind.Plateau"/> and <see cref="ScheduleKind.Step"/>, in (0, 1).</summary>
    public double LearningRateFactor { get; init; } = 0.1;

    /// <summary>Evaluations without improvement after which <see cref="ScheduleKind.Plateau"/> lowers the learning rate, at least 1.</summary>
    public int PlateauPatience { get; init; } = 5;

    /// <summary>How often <see cref="ScheduleKind.Plateau"/> lowers the learning rate at most; the paper does it twice.</summary>
    public int PlateauDrops { get; init; } = 2;

    /// <summary>Epochs between two changes of <see cref="ScheduleKind.Step"/>, at least 1.</summary>
    public int StepEpochs { get; init; } = 30;

    /// <summary>Where <see cref="ScheduleKind.Cosine"/> ends, as a share of the learning rate, in [0, 1].</summary>
    public double CosineFinalShare { get; init; }

    /// <summary>
    /// Epochs, counted from 0, at which <see cref="ScheduleKind.Cosine"/> begins anew (SGDR's warm restarts), each above the
    /// one before and below <see cref="Epochs"/>. A run is lengthened by its old length as one more of them.
    /// </summary>
    public ImmutableArray<int> CosineRestarts { get; init; } = [];

    /// <summary>Epochs over which the learning rate rises linearly, step by step, at least 0; fractions of an epoch are allowed.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>Evaluations without improvement after which the run ends; 0 switches it off.</summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>Seed of everything drawn at random: order, augmentation, dropout, sizes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What is changed at random in the training images.</summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.Paper;

    /// <summary>
    /// Views of every training image in place of augmentation where layers at the front are frozen down to the network's pooling: the whole image, its mirror image, then the paper's ten crops
    /// (for a network of one size the crops only), of which every epoch shows one. What the frozen layers give of each is computed once. 0 lets every epoch run all layers on augmented images.
    /// </summary>
    public int FixedViews { get; init; }

    /// <summary>How the numbers of the input normalisation are found.</summary>
    public NormalisationMethod Normalisation { get; init; }

    /// <summary>Most bytes of decoded images, resized to the minimum side, that are kept for the next epochs; the rest is decoded anew every time.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Threads that decode and prepare images; 0 lets the machine's processors decide.</summary>
    public int LoaderThreads { get; init; }

    /// <summary>Largest share of the training images that may be skipped because they cannot be decoded, in [0, 1].</summary>
    public double MaxUndecodableShare { get; init; } = 0.05;

    /// <summary>Epochs between two evaluations, at least 1; the last epoch is always evaluated.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>What the network sees of the validation images.</summary>
    public EvaluationView EvaluationView { get; init; }

    /// <summary>Weight updates between two checkpoints inside an epoch; 0 saves at the ends of epochs only.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>
    /// Layers whose parameters and running statistics stay as they are: names such as <c>conv1</c> or patterns such as
    /// <c>conv*</c>, <c>layer1_*</c>. A container's name covers all inside it.
    /// </summary>
    public ImmutableArray<string> FrozenLayers { get; init; } = [];

    /// <summary>Layers that learn at another rate than the others; of several rates that fit a layer the last counts.</summary>
    public ImmutableArray<LayerRate> LayerRates { get; init; } = [];

    /// <summary>Shortest time between two progress reports of the same phase.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Side of the training crop in pixels: <see cref="CropSize"/>, or the largest size, or with random resized crops the minimum side.</summary>
    public int EffectiveCropSize => CropSize ?? (Augmentation.Crop == CropMode.RandomResized ? EffectiveResizeSide : Sizes.Max());

    /// <summary>Minimum side in pixels: <see cref="ResizeSide"/>, or <see cref="CropSize"/> (or the largest size) · 256/224 rounded to the nearest.</summary>
    public int EffectiveResizeSide => ResizeSide ?? (int)Math.Round((CropSize ?? Sizes.Max()) * 256.0 / 224, MidpointRounding.AwayFromZero);

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.That(!Sizes.IsDefaultOrEmpty, nameof(Sizes), "must name at least one input size, e.g. 224");
        foreach (int size in Sizes) OptionCheck.Between(size, 1, LargestSide, nameof(Sizes));
        OptionCheck.That(SizePolicy != SizePolicy.RandomSize || Sizes.Min() != Sizes.Max(), nameof(Sizes), $"must name a smallest and a largest size to draw between, but is {Sizes[0]} only");
        OptionCheck.Between(EffectiveCropSize, 1, LargestSide, nameof(CropSize));
        OptionCheck.Between(EffectiveResizeSide, 1, LargestSide, nameof(ResizeSide));
        OptionCheck.That(EffectiveResizeSide >= EffectiveCropSize, nameof(ResizeSide), $"must be at least the crop's {EffectiveCropSize} pixels, but is {EffectiveResizeSide}");

        OptionCheck.AtLeast(Epochs, 1);
        OptionCheck.AtLeast(BatchSize, 1);
        OptionCheck.AtLeast(GradientAccumulation, 1);
        OptionCheck.That(Shards >= 0 && BatchSize % Math.Max(Shards, 1) == 0, nameof(Shards), $"must divide the batch of {BatchSize} images (0 runs it whole), but is {Shards}");
        OptionCheck.That(Shards == 0 || FixedViews == 0, nameof(FixedViews), $"must be 0 in a step that is cut into {nameof(Shards)}");
        OptionCheck.AtLeast(PlateauPatience, 1);
        OptionCheck.AtLeast(PlateauDrops, 0);
        OptionCheck.AtLeast(StepEpochs, 1);
        OptionCheck.AtLeast(EarlyStoppingPatience, 0);
        OptionCheck.AtLeast(LoaderThreads, 0);
        OptionCheck.AtLeast(EvaluateEvery, 1);
        OptionCheck.AtLeast(CheckpointEverySteps, 0);
        OptionCheck.AtLeast(CacheBytes, 0);
        OptionCheck.Between(FixedViews, 0, FixedView.Most);

        OptionCheck.InRange(LearningRate, LearningRate is > 0 and <= 100, "above 0 and at most 100");
        OptionCheck.InRange(Momentum, Momentum is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(WeightDecay, WeightDecay is >= 0 and <= 1, "from 0 to 1");
        OptionCheck.InRange(Beta1, Beta1 is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(Beta2, Beta2 is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(Epsilon, Epsilon is > 0 and <= 1, "above 0 and at most 1");
        OptionCheck.InRange(ClipNorm, ClipNorm >= 0 && double.IsFinite(ClipNorm), "at least 0 (0 switches it off)");
        OptionCheck.InRange(LabelSmoothing, LabelSmoothing is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(FocalExponent, FocalExponent is >= 0 and <= 10, "from 0 to 10 (0 is cross-entropy)");
        OptionCheck.InRange(EmaDecay, EmaDecay is >= 0 and < 1, "at least 0 and below 1 (0 switches it off)");
        OptionCheck.InRange(LearningRateFactor, LearningRateFactor is > 0 and < 1, "above 0 and below 1");
        OptionCheck.InRange(CosineFinalShare, CosineFinalShare is >= 0 and <= 1, "from 0 to 1");
        OptionCheck.That(
            !CosineRestarts.IsDefault && CosineRestarts.SequenceEqual(CosineRestarts.Where(r => r > 0 && r < Epochs).Distinct().Order()) && (CosineRestarts.IsEmpty || Schedule == ScheduleKind.Cosine),
            nameof(CosineRestarts), $"must be epochs of a cosine in rising order between 1 and {Epochs - 1}");
        OptionCheck.InRange(WarmupEpochs, WarmupEpochs >= 0 && WarmupEpochs < Epochs, $"at least 0 and below the {Epochs} epochs");
        OptionCheck.InRange(MaxUndecodableShare, MaxUndecodableShare is >= 0 and <= 1, "from 0 to 1");

        OptionCheck.Known(SizePolicy);
        OptionCheck.Known(Optimiser);
        OptionCheck.Known(Reduce);
        OptionCheck.Known(Schedule);
        OptionCheck.Known(Normalisation);
        OptionCheck.Known(EvaluationView);
        OptionCheck.That(!FrozenLayers.IsDefault, nameof(FrozenLayers), "must be a list; an empty one freezes nothing");
        OptionCheck.That(!LayerRates.IsDefault, nameof(LayerRates), "must be a list; an empty one changes nothing");
        foreach (LayerRate rate in LayerRates)
            OptionCheck.InRange(rate.Multiplier, rate.Multiplier is > 0 and <= 1000, $"above 0 and at most 1000 for {rate.Layers}", nameof(LayerRates));
        OptionCheck.That(ProgressInterval >= TimeSpan.Zero, nameof(ProgressInterval), $"must not be negative, but is {ProgressInterval}");
        OptionCheck.That(Augmentation is not null, nameof(Augmentation), $"must be given; {nameof(AugmentationOptions)}.{nameof(AugmentationOptions.None)} switches it off");
        OptionCheck.That(FixedViews == 0 || Augmentation == AugmentationOptions.None, nameof(FixedViews), $"takes the place of augmentation; set {nameof(Augmentation)} to {nameof(AugmentationOptions)}.{nameof(AugmentationOptions.None)}");
    }

    /// <inheritdoc/>
    public bool Equals(TrainerOptions? other) => other is not null && RunJson.Write(this) == RunJson.Write(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Seed, Epochs, BatchSize, LearningRate);
}

/// <summary>Which of the input sizes an epoch trains at. With a single size both are the paper's single-size training.</summary>
public enum SizePolicy
{
    /// <summary>The paper's multi-size training: one full epoch at each size in turn, in the order given.</summary>
    MultiSize,

    /// <summary>The paper's random-size training: every epoch at a size drawn uniformly from the smallest to the largest, both included.</summary>
    RandomSize,
}

/// <summary>In which order the gradients of shards are added up.</summary>
public enum ReduceOrder
{
    /// <summary>Along one binary tree over the shards: the same bits on any number of processes.</summary>
    Tree,

    /// <summary>Within a process along the tree, between processes as the MPI library likes: less traffic where the processes are no power of two, other bits on another number of them.</summary>
    Fast,
}

/// <summary>How the learning rate changes from epoch to epoch.</summary>
public enum ScheduleKind
{
    /// <summary>The paper's: multiplied by a factor (a tenth) when the validation error has stopped improving.</summary>
    Plateau,

    /// <summary>Multiplied by a factor every so many epochs.</summary>
    Step,

    /// <summary>Half a cosine from the learning rate down to its final share, step by step (Loshchilov and Hutter, "SGDR", without restarts).</summary>
    Cosine,

    /// <summary>Always the same.</summary>
    Constant,
}

/// <summary>How the weights follow the gradient.</summary>
public enum OptimiserKind
{
    /// <summary>Stochastic gradient descent with momentum and weight decay in Caffe's order; the paper's.</summary>
    Sgd,

    /// <summary>The same with Nesterov's look-ahead along the velocity.</summary>
    Nesterov,

    /// <summary>AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization").</summary>
    AdamW,
}

/// <summary>How the numbers of the input normalisation are found.</summary>
public enum NormalisationMethod
{
    /// <summary>Mean and standard deviation of every colour channel over the training images.</summary>
    PerChannel,

    /// <summary>128 is subtracted everywhere, as the paper does for VOC 2007 and Caltech-101.</summary>
    Constant128,

    /// <summary>The mean image of the training crops is subtracted, as the paper does for ImageNet.</summary>
    MeanImage,
}

/// <summary>Layers that learn faster or slower than the rest of the network.</summary>
/// <param name="Layers">A layer's name, or a pattern with <c>*</c> for any characters.</param>
/// <param name="Multiplier">Multiplies the learning rate, above 0; frozen layers are named by <see cref="TrainerOptions.FrozenLayers"/>.</param>
public sealed record LayerRate(string Layers, double Multiplier);

/// <summary>What the loader does where nobody says.</summary>
internal static class LoaderDefaults
{
    private const int MostThreads = 8;

    // Half of the processors: the other half computes, or feeds the device.
    public static int Threads(int asked) => asked > 0 ? asked : Math.Clamp(Environment.ProcessorCount / 2, 1, MostThreads);
}
