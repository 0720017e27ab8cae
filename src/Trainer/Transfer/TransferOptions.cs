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

    /// <summary>Shorter side that images are resized to before a crop or the full view; null for the network's crop, as in the paper (224).</summary>
    public int? MinimumSide { get; init; }

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
        OptionCheck.AtLeast(TrainImages, 1);
        OptionCheck.AtLeast(TestImages, 1);
        OptionCheck.AtLeast(Splits, 1);
        OptionCheck.AtLeast(Threads, 0);
    }
}
