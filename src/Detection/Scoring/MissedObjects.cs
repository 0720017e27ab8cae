using IlgpuSpp.Data;

namespace IlgpuSpp.Detection;

/// <summary>An object that counts and that no detection found.</summary>
/// <param name="Image">Position of its image.</param>
/// <param name="Object">The object.</param>
/// <param name="BestOverlap">Largest intersection over union with a detection of its class; 0 where there is none.</param>
public readonly record struct MissedObject(int Image, AnnotatedObject Object, double BestOverlap);

/// <summary>Finds the objects that were missed, by the rule of <see cref="VocMatching"/>.</summary>
public static class MissedObjects
{
    /// <summary>The objects that were missed, in the order of the images.</summary>
    /// <param name="images">The truth.</param>
    /// <param name="score">What was found in it.</param>
    public static IReadOnlyList<MissedObject> Of(IReadOnlyList<AnnotatedImage> images, DetectionScore score)
    {
        ILookup<int, MatchedBox> byImage = score.Classes.SelectMany(item => item.Matches).ToLookup(match => match.Detection.Image);
        // Objects may be equal without being the same.
        var found = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (MatchedBox match in byImage.SelectMany(matches => matches).Where(match => match.Outcome == MatchOutcome.TruePositive))
        {
            // A find is of the object that it overlaps most, the first of equals.
            found.Add(images[match.Detection.Image].Objects.Where(item => item.Label == match.Detection.Label && !item.Crowd)
                .MaxBy(item => BoxOverlap.IntersectionOverUnion(match.Detection.Box, item.Box))!);
        }
        return
        [
            .. images.SelectMany((image, index) => image.Objects.Where(item => !item.Ignored && !found.Contains(item)).Select(item => new MissedObject(index, item,
                byImage[index].Where(match => match.Detection.Label == item.Label).Select(match => BoxOverlap.IntersectionOverUnion(match.Detection.Box, item.Box)).DefaultIfEmpty().Max()))),
        ];
    }
}
