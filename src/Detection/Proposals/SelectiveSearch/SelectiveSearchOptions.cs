using System.Collections.Immutable;
using System.Globalization;

namespace IlgpuSpp.Detection;

/// <summary>
/// Options of <see cref="SelectiveSearch"/>. A hierarchy is grown for every colour space, every segmentation scale and every
/// set of similarities. The defaults are the fast mode with the settings of the paper's release: 2 · 2 · 2 = 8 hierarchies.
/// </summary>
public sealed record SelectiveSearchOptions
{
    private const RegionSimilarity AllFour = RegionSimilarity.Colour | RegionSimilarity.Texture | RegionSimilarity.Size | RegionSimilarity.Fill;
    private const RegionSimilarity AllButColour = RegionSimilarity.Texture | RegionSimilarity.Size | RegionSimilarity.Fill;

    /// <summary>The fast mode: HSV and Lab, k 50 and 100, all similarities and all but colour; about 2000 windows for an image of 500 x 375.</summary>
    public static SelectiveSearchOptions Fast { get; } = new();

    /// <summary>
    /// The quality mode of Uijlings et al. (IJCV 2013, table 5): HSV, Lab, rgI, hue and intensity; k 50, 100, 150 and 300; all
    /// similarities, all but colour, fill alone and size alone: 80 hierarchies, about 10,000 windows.
    /// </summary>
    public static SelectiveSearchOptions Quality { get; } = new()
    {
        ColourSpaces = [ColourSpace.Hsv, ColourSpace.Lab, ColourSpace.RgI, ColourSpace.Hue, ColourSpace.Intensity],
        Scales = [50, 100, 150, 300],
        Similarities = [AllFour, AllButColour, RegionSimilarity.Fill, RegionSimilarity.Size],
    };

    /// <summary>Colour spaces, at least one.</summary>
    public ImmutableArray<ColourSpace> ColourSpaces { get; init; } = [ColourSpace.Hsv, ColourSpace.Lab];

    /// <summary>Values of the segmentation's k, each above 0, at least one.</summary>
    public ImmutableArray<double> Scales { get; init; } = [50, 100];

    /// <summary>Sets of similarities, none empty, at least one.</summary>
    internal ImmutableArray<RegionSimilarity> Similarities { get; init; } = [AllFour, AllButColour];

    /// <summary>Standard deviation of the Gaussian that smooths before segmentation, in pixels; 0 for none.</summary>
    public double Sigma { get; init; } = 0.8;

    /// <summary>The smallest segment in pixels; <see langword="null"/> for k itself, as in the release.</summary>
    public int? MinimumSize { get; init; }

    /// <summary>Windows with a side below this many pixels of the searched image are left out; 1 keeps all. The release's value is 20.</summary>
    public int MinimumSide { get; init; } = 20;

    /// <summary>The most windows returned, the best first; 0 for all.</summary>
    public int MaximumProposals { get; init; }

    /// <summary>
    /// Images whose longer side has more pixels are shrunk to it for the search; 0 to search every image at its own size. Time and
    /// memory grow with the pixels, and k and the smallest segment are made for images of about 500 pixels.
    /// </summary>
    public int LongestSide { get; init; } = 500;

    /// <summary>Seed of the random priorities.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads; 0 for one a core. The windows do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.That(!ColourSpaces.IsDefaultOrEmpty && ColourSpaces.All(Enum.IsDefined), nameof(ColourSpaces), "must name at least one known colour space");
        OptionCheck.That(!Scales.IsDefaultOrEmpty && Scales.All(k => k > 0 && double.IsFinite(k)), nameof(Scales), "must name at least one k, and each above 0");
        OptionCheck.That(!Similarities.IsDefaultOrEmpty && Similarities.All(s => s is not RegionSimilarity.None && (s & ~AllFour) == 0), nameof(Similarities), "must name at least one set of similarities, and none empty");
        OptionCheck.InRange(Sigma, Sigma is >= 0 and <= 100, "from 0 to 100");
        OptionCheck.AtLeast(MinimumSize ?? 0, 0, nameof(MinimumSize));
        OptionCheck.AtLeast(MinimumSide, 1);
        OptionCheck.AtLeast(MaximumProposals, 0);
        OptionCheck.AtLeast(LongestSide, 0);
        OptionCheck.AtLeast(Threads, 0);
    }

    internal int SmallestSegment(double k) => MinimumSize ?? (int)Math.Min(k, int.MaxValue);

    /// <summary>All that the windows depend on, as text; the thread count is not part of it.</summary>
    internal string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join('+', ColourSpaces)} k={string.Join('+', Scales.Select(k => k.ToString("R", CultureInfo.InvariantCulture)))} {string.Join('+', Similarities.Select(s => (int)s))} sigma={Sigma:R} size={MinimumSize} side={MinimumSide} most={MaximumProposals} longest={LongestSide} seed={Seed}");
}

/// <summary>The similarities of selective search; a hierarchy adds up those it uses, each from 0 to 1 (Uijlings et al., IJCV 2013, section 3.2).</summary>
[Flags]
internal enum RegionSimilarity
{
    /// <summary>None: not a valid choice.</summary>
    None = 0,

    /// <summary>Intersection of the colour histograms, 25 bins a channel (equation 1).</summary>
    Colour = 1,

    /// <summary>Intersection of the texture histograms: 8 orientations of Gaussian derivatives, 10 bins each, every channel (equation 3).</summary>
    Texture = 2,

    /// <summary>1 − (size(a) + size(b)) / size(image): small regions merge early (equation 4).</summary>
    Size = 4,

    /// <summary>1 − (size(box around both) − size(a) − size(b)) / size(image): regions that fit into each other merge early (equation 5).</summary>
    Fill = 8,
}
