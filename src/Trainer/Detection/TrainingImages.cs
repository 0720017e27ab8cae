using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using IlgpuSpp.Layers;
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
                foreach (PixelBox box in proposals.Propose(image, data.Images[index].Name))
                    if (BoxOverlap.Clip(box, image.Width, image.Height) is { } clipped)
                        inside.Add(clipped);
                _windows.Add(index, windows = TrainingWindows.Of(data.Images[index].Objects, inside));
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
