using System.Globalization;

namespace IlgpuSpp.Detection;

/// <summary>
/// Options of <see cref="EdgeBoxes"/>. The defaults of step, suppression, aspect, perimeter and affinity are those of Zitnick and Dollár
/// (ECCV 2014); those of the gradient edges and of the refinement were chosen by recall and time on photographs of VOC 2007.
/// </summary>
public sealed record EdgeBoxesOptions
{
    /// <summary>Intersection over union of neighbouring windows of the sliding search (alpha): above 0, below 1. Nearer to 1 is finer and slower.</summary>
    public double Step { get; init; } = 0.65;

    /// <summary>Windows that overlap a better one by more than this intersection over union are left out (beta): above 0, at most 1.</summary>
    public double Suppression { get; init; } = 0.75;

    /// <summary>Windows with a lower score are left out; not negative.</summary>
    public double MinimumScore { get; init; } = 0.005;

    /// <summary>The most windows returned, the best first; at least 1.</summary>
    public int MaximumProposals { get; init; } = 2000;

    /// <summary>The best windows of the sliding search that are refined, as a multiple of <see cref="MaximumProposals"/>; 0 for none.</summary>
    public double Refined { get; init; } = 0.5;

    /// <summary>The smallest window in pixels of the searched image; at least 1.</summary>
    public int MinimumArea { get; init; } = 1000;

    /// <summary>The largest ratio of the longer side to the shorter one; at least 1.</summary>
    public double MaximumAspect { get; init; } = 3;

    /// <summary>Exponent of the perimeter that a window's edges are divided by (kappa); not negative. Larger values favour small windows.</summary>
    public double PerimeterExponent { get; init; } = 1.5;

    /// <summary>Exponent of the affinity of edge groups (gamma), above 0: larger values let only straighter contours go on.</summary>
    public double AffinityExponent { get; init; } = 2;

    /// <summary>Standard deviation of the Gaussian whose derivatives find the edges, in pixels; above 0. Large values keep the outlines of objects and lose textures and the smallest objects.</summary>
    public double Sigma { get; init; } = 4;

    /// <summary>Edges weaker than this are left out; edge strengths are 0 to 1.</summary>
    public double EdgeThreshold { get; init; } = 0.15;

    /// <summary>Images whose longer side has more pixels are shrunk to it for the search; 0 to search every image at its own size.</summary>
    public int LongestSide { get; init; } = 500;

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.InRange(Step, Step is > 0.1 and < 0.99, "above 0.1 and below 0.99");
        OptionCheck.InRange(Suppression, Suppression is > 0 and <= 1, "above 0 and at most 1");
        OptionCheck.InRange(MinimumScore, MinimumScore >= 0, "at least 0");
        OptionCheck.InRange(MaximumProposals, MaximumProposals >= 1, "at least 1");
        OptionCheck.InRange(Refined, Refined is >= 0 and <= 1000, "from 0 to 1000");
        OptionCheck.InRange(MinimumArea, MinimumArea >= 1, "at least 1");
        OptionCheck.InRange(MaximumAspect, MaximumAspect is >= 1 and <= 100, "from 1 to 100");
        OptionCheck.InRange(PerimeterExponent, PerimeterExponent is >= 0 and <= 10, "from 0 to 10");
        OptionCheck.InRange(AffinityExponent, AffinityExponent is > 0 and <= 100, "above 0 and at most 100");
        OptionCheck.InRange(Sigma, Sigma is > 0 and <= 100, "above 0 and at most 100");
        OptionCheck.InRange(EdgeThreshold, EdgeThreshold is >= 0 and < 1, "at least 0 and below 1");
        OptionCheck.InRange(LongestSide, LongestSide >= 0, "at least 0");
    }

    internal string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"step={Step:R} suppression={Suppression:R} score={MinimumScore:R} most={MaximumProposals} refined={Refined:R} area={MinimumArea} aspect={MaximumAspect:R} perimeter={PerimeterExponent:R} affinity={AffinityExponent:R} sigma={Sigma:R} edge={EdgeThreshold:R} longest={LongestSide}");
}
