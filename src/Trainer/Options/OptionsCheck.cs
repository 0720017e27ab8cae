using IlgpuSpp.Data;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>The ranges of <see cref="TrainerOptions"/>.</summary>
internal static class OptionsCheck
{
    private const int LargestSide = 8192;

    public static void Check(TrainerOptions o)
    {
        if (o.Sizes.IsDefaultOrEmpty) throw new OptionsException(nameof(o.Sizes), "must name at least one input size, e.g. 224");
        foreach (int size in o.Sizes) Between(nameof(o.Sizes), size, 1, LargestSide);
        if (o.SizePolicy == SizePolicy.RandomSize && o.Sizes.Min() == o.Sizes.Max())
            throw new OptionsException(nameof(o.Sizes), $"must name a smallest and a largest size for {nameof(SizePolicy.RandomSize)}, but is {o.Sizes[0]} only");
        Between(nameof(o.CropSize), o.EffectiveCropSize, 1, LargestSide);
        Between(nameof(o.ResizeSide), o.EffectiveResizeSide, 1, LargestSide);
        if (o.EffectiveResizeSide < o.EffectiveCropSize)
            throw new OptionsException(nameof(o.ResizeSide), $"must be at least the crop's {o.EffectiveCropSize} pixels, but is {o.EffectiveResizeSide}");

        AtLeast(nameof(o.Epochs), o.Epochs, 1);
        AtLeast(nameof(o.BatchSize), o.BatchSize, 1);
        AtLeast(nameof(o.GradientAccumulation), o.GradientAccumulation, 1);
        AtLeast(nameof(o.PlateauPatience), o.PlateauPatience, 1);
        AtLeast(nameof(o.PlateauDrops), o.PlateauDrops, 0);
        AtLeast(nameof(o.StepEpochs), o.StepEpochs, 1);
        AtLeast(nameof(o.EarlyStoppingPatience), o.EarlyStoppingPatience, 0);
        AtLeast(nameof(o.LoaderThreads), o.LoaderThreads, 0);
        AtLeast(nameof(o.EvaluateEvery), o.EvaluateEvery, 1);
        AtLeast(nameof(o.CheckpointEverySteps), o.CheckpointEverySteps, 0);

        if (o.CacheBytes < 0) throw new OptionsException(nameof(o.CacheBytes), $"must be at least 0, but is {o.CacheBytes}");
        Range(nameof(o.LearningRate), o.LearningRate, o.LearningRate is > 0 and <= 100, "above 0 and at most 100");
        Range(nameof(o.Momentum), o.Momentum, o.Momentum is >= 0 and < 1, "at least 0 and below 1");
        Range(nameof(o.WeightDecay), o.WeightDecay, o.WeightDecay is >= 0 and <= 1, "from 0 to 1");
        Range(nameof(o.Beta1), o.Beta1, o.Beta1 is >= 0 and < 1, "at least 0 and below 1");
        Range(nameof(o.Beta2), o.Beta2, o.Beta2 is >= 0 and < 1, "at least 0 and below 1");
        Range(nameof(o.Epsilon), o.Epsilon, o.Epsilon is > 0 and <= 1, "above 0 and at most 1");
        Range(nameof(o.ClipNorm), o.ClipNorm, o.ClipNorm >= 0 && double.IsFinite(o.ClipNorm), "at least 0 (0 switches it off)");
        Range(nameof(o.LabelSmoothing), o.LabelSmoothing, o.LabelSmoothing is >= 0 and < 1, "at least 0 and below 1");
        Range(nameof(o.EmaDecay), o.EmaDecay, o.EmaDecay is >= 0 and < 1, "at least 0 and below 1 (0 switches it off)");
        Range(nameof(o.LearningRateFactor), o.LearningRateFactor, o.LearningRateFactor is > 0 and < 1, "above 0 and below 1");
        Range(nameof(o.CosineFinalShare), o.CosineFinalShare, o.CosineFinalShare is >= 0 and <= 1, "from 0 to 1");
        Range(nameof(o.WarmupEpochs), o.WarmupEpochs, o.WarmupEpochs >= 0 && o.WarmupEpochs < o.Epochs, $"at least 0 and below the {o.Epochs} epochs");
        Range(nameof(o.MaxUndecodableShare), o.MaxUndecodableShare, o.MaxUndecodableShare is >= 0 and <= 1, "from 0 to 1");

        Known(nameof(o.SizePolicy), o.SizePolicy);
        Known(nameof(o.Optimiser), o.Optimiser);
        Known(nameof(o.Schedule), o.Schedule);
        Known(nameof(o.Normalisation), o.Normalisation);
        Known(nameof(o.EvaluationView), o.EvaluationView);
        if (o.FrozenLayers.IsDefault) throw new OptionsException(nameof(o.FrozenLayers), "must be a list; an empty one freezes nothing");
        if (o.LayerRates.IsDefault) throw new OptionsException(nameof(o.LayerRates), "must be a list; an empty one changes nothing");
        foreach (LayerRate rate in o.LayerRates)
            Range(nameof(o.LayerRates), rate.Multiplier, rate.Multiplier is > 0 and <= 1000, $"above 0 and at most 1000 for {rate.Layers}");
        if (o.ProgressInterval < TimeSpan.Zero) throw new OptionsException(nameof(o.ProgressInterval), $"must not be negative, but is {o.ProgressInterval}");
        if (o.Augmentation is null) throw new OptionsException(nameof(o.Augmentation), $"must be given; {nameof(AugmentationOptions)}.{nameof(AugmentationOptions.None)} switches it off");
    }

    private static void AtLeast(string option, int value, int least)
    {
        if (value < least) throw new OptionsException(option, $"must be at least {least}, but is {value}");
    }

    private static void Between(string option, int value, int least, int most)
    {
        if (value < least || value > most) throw new OptionsException(option, $"must lie between {least} and {most} pixels, but is {value}");
    }

    private static void Range(string option, double value, bool fits, string range)
    {
        if (!fits) throw new OptionsException(option, FormattableString.Invariant($"must be {range}, but is {value}"));
    }

    private static void Known<T>(string option, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) throw new OptionsException(option, $"must be one of {string.Join(", ", Enum.GetNames<T>())}, but is {value}");
    }
}
