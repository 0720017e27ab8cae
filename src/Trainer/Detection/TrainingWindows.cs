using IlgpuSpp.Data;
using IlgpuSpp.Detection;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Training;

/// <summary>A window of a training image with the object that it overlaps most.</summary>
/// <param name="Box">The window.</param>
/// <param name="Object">Position of the object in the image's list, or −1 where the window meets none.</param>
/// <param name="Overlap">Intersection over union with that object.</param>
public readonly record struct TrainingWindow(PixelBox Box, int Object, double Overlap);

/// <summary>Windows of an image sorted by what they teach: the marked objects themselves and the proposals.</summary>
public static class TrainingWindows
{
    // As in Fast R-CNN's training on COCO (crowd_thresh of its filter of proposals).
    private const double MostInCrowd = 0.7;

    /// <summary>
    /// The marked boxes, then the proposals that differ from them, each with the object that it overlaps most (the first of equals). Difficult objects and
    /// crowds are not trained on (the release leaves difficult ones out); windows that lie in a crowd teach nothing and are left out.
    /// </summary>
    /// <param name="objects">The image's objects.</param>
    /// <param name="proposals">The image's proposals.</param>
    public static IReadOnlyList<TrainingWindow> Of(IReadOnlyList<AnnotatedObject> objects, IReadOnlyList<PixelBox> proposals)
    {
        var result = new List<TrainingWindow>();
        var seen = new HashSet<PixelBox>();
        PixelBox[] crowds = [.. objects.Where(item => item.Crowd).Select(item => item.Box)];
        foreach (PixelBox box in objects.Where(item => !item.Ignored).Select(item => item.Box).Concat(proposals.Where(box => !Array.Exists(crowds, crowd => BoxOverlap.Intersection(box, crowd) >= MostInCrowd * box.Area))))
        {
            if (!seen.Add(box)) continue;
            int best = -1;
            double overlap = 0;
            for (int i = 0; i < objects.Count; i++)
            {
                if (objects[i].Ignored) continue;
                double own = BoxOverlap.IntersectionOverUnion(box, objects[i].Box);
                if (own > overlap) (overlap, best) = (own, i);
            }
            result.Add(new TrainingWindow(box, best, overlap));
        }
        return result;
    }
}
