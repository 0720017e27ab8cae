using System.Collections.Immutable;

namespace IlgpuSpp.Training;

/// <summary>How features of a trained network are judged on another data set (the paper, sections 3.2 and 3.3).</summary>
public sealed record TransferOptions
{
    /// <summary>What the features are; see <see cref="FeatureRequest.Parse"/>.</summary>
    public ImmutableArray<string> Layers { get; init; } = ["pool6x6", "pyramid"];

    /// <summary>What of an image they are taken from: crop, full, warp.</summary>
    public ImmutableArray<FeatureView> Views { get; init; } = [FeatureView.Crop, FeatureView.Full, FeatureView.Warp];

    /// <summary>Whether a CSV manifest or the set lists of a folder in VOC's layout may name images outside their folder.</summary>
    public bool AllowOutside { get; init; }

    /// <summary>
    /// Shorter side that images are resized to before a crop or the full view; empty for the network's crop, as in the paper (224). Of several each layer and view gets the one that is best on
    /// a fifth of the training images, held out for that; the paper chooses 392 of VOC 2007 so (section 3.2).
    /// </summary>
    public ImmutableArray<int> MinimumSides { get; init; } = [];

    /// <summary>What is subtracted from all channels in the place of the network's own mean, 0 to 255: 128 in the paper for VOC 2007 and Caltech-101 (Appendix A). Null for the network's.</summary>
    public float? Mean { get; init; }

    /// <summary>Training images a class and split, at least 1; the paper's Caltech-101 protocol.</summary>
    public int TrainImages { get; init; } = 30;

    /// <summary>Most test images a class and split, at least 1.</summary>
    public int TestImages { get; init; } = 50;

    /// <summary>Random splits that are averaged, at least 1.</summary>
    public int Splits { get; init; } = 10;

    /// <summary>Seed of the splits.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The support vector machines. Features have length 1.</summary>
    public LinearSvmOptions Svm { get; init; } = new();

    /// <summary>Threads that decode images and train classes; 0 lets the machine's processors decide.</summary>
    public int Threads { get; init; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.That(!Layers.IsDefaultOrEmpty, nameof(Layers), "must name at least one layer");
        OptionCheck.That(!Views.IsDefaultOrEmpty && !Views.Contains(FeatureView.Ten), nameof(Views), "must be some of crop, full and warp");
        OptionCheck.That(!MinimumSides.IsDefault && MinimumSides.All(side => side >= 1) && MinimumSides.Distinct().Count() == MinimumSides.Length, nameof(MinimumSides), "must be numbers of pixels from 1 on, each once");
        OptionCheck.InRange(Mean ?? 0, Mean is null or (>= 0 and <= 255), "from 0 to 255", nameof(Mean));
        OptionCheck.AtLeast(TrainImages, 1);
        OptionCheck.AtLeast(TestImages, 1);
        OptionCheck.AtLeast(Splits, 1);
        OptionCheck.AtLeast(Threads, 0);
    }
}
