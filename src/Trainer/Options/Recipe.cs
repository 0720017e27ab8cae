namespace IlgpuSpp.Training;

/// <summary>Whose values a training takes.</summary>
public enum RecipeSource
{
    /// <summary>The paper's (He, Zhang, Ren and Sun, TPAMI 2015).</summary>
    Paper,

    /// <summary>Those in the files that its authors released (ShaoqingRen/SPP_net), which differ in places.</summary>
    Release,
}

/// <summary>
/// The published values as options to start from. Where a source says nothing the other's value stands, or that of the files that both build on (momentum, decay, batch of 128 images).
/// </summary>
public static class Recipe
{
    private const string Zf5 = "zf5";

    /// <summary>Dropout of the two hidden layers (section 3.1).</summary>
    public const float Dropout = 0.5f;

    /// <summary>
    /// Classification (sections 2.3 and 3.1): 70 epochs for ZF-5 and 90 for the others at a rate of 0.01, divided by 10 twice on a plateau, crops of 224 pixels from images of 256. The paper subtracts the
    /// mean image, the release 128. A second size makes it multi-size training.
    /// </summary>
    /// <param name="source">Whose values.</param>
    /// <param name="network">The network's name in the zoo.</param>
    /// <param name="size">The network's input in pixels, 224 in both sources.</param>
    public static TrainerOptions Classification(RecipeSource source, string network = Zf5, int size = 224) => new()
    {
        Sizes = [size],
        Epochs = network == Zf5 ? 70 : 90,
        BatchSize = 128,
        LearningRate = 0.01,
        Schedule = ScheduleKind.Plateau,
        LearningRateFactor = 0.1,
        PlateauDrops = 2,
        Momentum = 0.9,
        WeightDecay = 5e-4,
        Augmentation = AugmentationOptions.Paper,
        Normalisation = source == RecipeSource.Paper ? NormalisationMethod.MeanImage : NormalisationMethod.Constant128,
    };

    /// <summary>
    /// Detection (section 4.1). The paper fine-tunes for 250,000 updates at 10⁻⁴ and 50,000 at 10⁻⁵, takes the responses whose centres lie in a window at the scale where its area is closest to 224², and
    /// drops negatives that overlap another by more than 0.7 and regresses boxes as R-CNN does (λ 1000); the release 30,000 at 10⁻³, 30,000 at 10⁻⁴ and 140,000 at 10⁻⁵, its own rules, drops negatives on the same responses of one scale and has λ 4000.
    /// </summary>
    /// <param name="source">Whose values.</param>
    /// <param name="crop">The network's crop in pixels; scales are in proportion to 224.</param>
    public static DetectorOptions Detection(RecipeSource source, int crop = 224)
    {
        bool paper = source == RecipeSource.Paper;
        int updates = paper ? 300_000 : 200_000;
        return new DetectorOptions
        {
            Features = WindowFeatureOptions.For(crop, release: !paper) with { Rule = paper ? WindowRule.Paper : WindowRule.Release, ScaleRule = paper ? ScaleRule.Area : ScaleRule.Side },
            FineTuning = new FineTuningOptions
            {
                Iterations = updates,
                LearningRate = paper ? 1e-4 : 1e-3,
                DropAfter = (paper ? 250_000.0 : 30_000) / updates,
                DropAgainAfter = paper ? 1 : 60_000.0 / updates,
                BatchSize = 128,
                ForegroundShare = 0.25,
                ForegroundOverlap = 0.5,
                BackgroundOverlap = 0.1,
                Momentum = 0.9,
                WeightDecay = 5e-4,
                Scale = TrainingScale.Random,
                Flips = true,
            },
            Svm = new SvmOptions { DuplicateOverlap = paper ? 0.7 : 1 },
            Boxes = new BoxRegressionOptions { Lambda = paper ? 1000 : 4000, Overlap = 0.5 },
            BoxSides = paper ? BoxSides.Pixels : BoxSides.Corners,
        };
    }
}
