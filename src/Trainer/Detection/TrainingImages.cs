using IlgpuSpp.Data.Imaging;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>Images of a data set with their proposals and features. An image that cannot be read, or has another size than its annotation says, is passed over with a warning, once.</summary>
internal sealed class TrainingImages(DetectionDataset data, IProposalMethod proposals, IWindowFeatures features, ILogger logger)
{
    private readonly HashSet<int> _unusable = [];
    private readonly Dictionary<int, IReadOnlyList<TrainingWindow>> _windows = [];

    public DetectionDataset Data => data;

    public IWindowFeatures Features => features;

    /// <summary>An image's features and windows, or null where it cannot be used.</summary>
    /// <param name="index">The image's position in <see cref="Data"/>.</param>
    /// <param name="mirrored">Whether both are those of the image mirrored left to right.</param>
    public (IImageWindows Features, IReadOnlyList<TrainingWindow> Windows)? Load(int index, bool mirrored = false)
    {
        if (Read(index) is not { } read) return null;
        try
        {
            if (!mirrored) return (features.Open(read.Image), read.Windows);
            return (features.Open(Mirroring.Mirror(read.Image)), [.. read.Windows.Select(window => window with { Box = Mirroring.Mirror(window.Box, read.Image.Width) })]);
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            LeaveOut(index, error.Message);
            return null;
        }
    }

    /// <summary>An image and its windows, or null where it cannot be used.</summary>
    /// <param name="index">The image's position in <see cref="Data"/>.</param>
    public (RgbImage Image, IReadOnlyList<TrainingWindow> Windows)? Read(int index)
    {
        if (_unusable.Contains(index)) return null;
        try
        {
            RgbImage image = data.Load(index);
            AnnotatedImage annotated = data.Images[index];
            if ((image.Width, image.Height) != (annotated.Width, annotated.Height))
                throw new DataFormatException(null, $"it has {image.Width}x{image.Height} pixels, but its annotation speaks of {annotated.Width}x{annotated.Height}; mend the annotation");
            if (!_windows.TryGetValue(index, out IReadOnlyList<TrainingWindow>? windows))
            {
                var inside = new List<PixelBox>();
                foreach (PixelBox box in annotated.ObjectsOnly ? [] : proposals.Propose(image, annotated.Name))
                    if (BoxOverlap.Clip(box, image.Width, image.Height) is { } clipped)
                        inside.Add(clipped);
                _windows.Add(index, windows = TrainingWindows.Of(annotated.Objects, inside));
            }
            return (image, windows);
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            LeaveOut(index, error.Message);
            return null;
        }
    }

    /// <summary>Passes an image over from now on, with a warning.</summary>
    /// <param name="index">The image's position in <see cref="Data"/>.</param>
    /// <param name="reason">Why it cannot be used.</param>
    public void LeaveOut(int index, string reason)
    {
        _unusable.Add(index);
        logger.LogWarning("{Image} cannot be used ({Reason}); it is left out.", data.Images[index].Name, reason);
    }
}

/// <summary>A window of a training image with the object that it overlaps most.</summary>
/// <param name="Box">The window.</param>
/// <param name="Object">Position of the object in the image's list, or −1 where the window meets none.</param>
/// <param name="Overlap">Intersection over union with that object.</param>
internal readonly record struct TrainingWindow(PixelBox Box, int Object, double Overlap);

/// <summary>Windows of an image sorted by what they teach: the marked objects themselves and the proposals.</summary>
internal static class TrainingWindows
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

/// <summary>Images and their windows mirrored left to right.</summary>
internal static class Mirroring
{
    /// <summary>A mirrored copy of an image.</summary>
    public static RgbImage Mirror(RgbImage image)
    {
        var result = new RgbImage(image.Width, image.Height);
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> from = image.Row(y), to = result.Row(y);
            for (int x = 0; x < image.Width; x++) from.Slice(3 * x, 3).CopyTo(to[(3 * (image.Width - 1 - x))..]);
        }
        return result;
    }

    /// <summary>Where a box lies in the mirrored image.</summary>
    /// <param name="box">The box.</param>
    /// <param name="width">Width of the image in pixels.</param>
    public static PixelBox Mirror(PixelBox box, int width) => box with { Left = width - 1 - box.Right, Right = width - 1 - box.Left };
}
