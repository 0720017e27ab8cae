namespace IlgpuSpp.Detection;

/// <summary>A cheap head in front of the whole one: of an image's windows only those that it scores highest go through the whole head.</summary>
/// <param name="Path">The file or run folder of the detector whose head it is: one that compression made from the detector that it serves.</param>
/// <param name="Share">The share of the windows that go on, above 0 and below 1.</param>
public sealed record WindowCascade(string Path, double Share);

/// <summary>The windows of an image before and behind a cascade.</summary>
/// <param name="All">All windows.</param>
/// <param name="Kept">Those that went through the whole head.</param>
public sealed record CascadeWindows(IReadOnlyList<PixelBox> All, IReadOnlyList<PixelBox> Kept);

/// <summary>How many objects a cascade leaves to be found: those that some window covers with an intersection over union of a half.</summary>
/// <param name="Objects">Objects, without those that are passed over.</param>
/// <param name="ByAll">Objects that one of all windows covers.</param>
/// <param name="ByKept">Objects that one of the kept windows covers.</param>
public readonly record struct CascadeRecall(int Objects, int ByAll, int ByKept)
{
    private const double Covers = 0.5;

    /// <summary>Counts one image.</summary>
    internal static CascadeRecall Of(CascadeWindows windows, IReadOnlyList<AnnotatedObject> objects)
    {
        PixelBox[] counted = [.. objects.Where(item => !item.Ignored).Select(item => item.Box)];
        return new CascadeRecall(counted.Length, Covered(windows.All), Covered(windows.Kept));

        int Covered(IReadOnlyList<PixelBox> boxes) => counted.Count(truth => boxes.Any(box => BoxOverlap.IntersectionOverUnion(box, truth) >= Covers));
    }

    /// <summary>Both together.</summary>
    internal CascadeRecall Plus(CascadeRecall other) => new(Objects + other.Objects, ByAll + other.ByAll, ByKept + other.ByKept);
}
