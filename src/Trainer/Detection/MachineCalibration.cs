using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>
/// Turns the scores of a detector's support vector machines into probabilities that a detection is right (Platt scaling): from what machines trained on a part of the images find in the others.
/// </summary>
internal static class MachineCalibration
{
    // With fewer finds than this of a class the fit would tell nothing of it.
    private const int LeastFinds = 5;

    /// <summary>Fits every class to its detections, those with too few finds to the detections of all classes together.</summary>
    /// <param name="images">Images that the machines were not trained on.</param>
    /// <param name="found">What they found there, wrong detections with it.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>One for each class; null where all classes together have too few finds.</returns>
    public static PlattScaling[]? Fit(IReadOnlyList<AnnotatedImage> images, IReadOnlyList<ScoredBox> found, int classes)
    {
        MatchedBox[][] matches =
            [.. Enumerable.Range(0, classes).Select(label => VocMatching.Match(images, found, label).Where(match => match.Outcome != MatchOutcome.Ignored).ToArray())];
        if (FitOne([.. matches.SelectMany(own => own)]) is not { } together) return null;
        return [.. matches.Select(own => FitOne(own) ?? together)];
    }

    private static PlattScaling? FitOne(MatchedBox[] matches)
    {
        bool[] right = [.. matches.Select(match => match.Outcome == MatchOutcome.TruePositive)];
        if (right.Count(side => side) < LeastFinds) return null;
        PlattScaling fit = PlattScaling.Fit([.. matches.Select(match => match.Detection.Score)], right);
        // Chance may make lower scores the better ones; the order of the detections is the machines'.
        return fit.A < 0 ? fit : null;
    }
}
