using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Images of a data set with their proposals and features. An image that cannot be read is passed over with a warning, once.</summary>
internal sealed class TrainingImages(DetectionDataset data, IProposalMethod proposals, IWindowFeatures features, ILogger logger)
{
    private readonly HashSet<int> _unreadable = [];
    private readonly Dictionary<int, IReadOnlyList<TrainingWindow>> _windows = [];

    public DetectionDataset Data => data;

    public IWindowFeatures Features => features;

    /// <summary>An image's features and windows, or null where it cannot be read.</summary>
    public (IImageWindows Features, IReadOnlyList<TrainingWindow> Windows)? Load(int index)
    {
        if (_unreadable.Contains(index)) return null;
        try
        {
            RgbImage image = data.Load(index);
            if (!_windows.TryGetValue(index, out IReadOnlyList<TrainingWindow>? windows))
            {
                var inside = new List<PixelBox>();
                foreach (PixelBox box in proposals.Propose(image, data.Images[index].Name))
                    if (BoxOverlap.Clip(box, image.Width, image.Height) is { } clipped)
                        inside.Add(clipped);
                _windows.Add(index, windows = TrainingWindows.Of(data.Images[index].Objects, inside));
            }
            return (features.Open(image), windows);
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            _unreadable.Add(index);
            logger.LogWarning("{Image} cannot be read ({Reason}); it is left out.", data.Images[index].Name, error.Message);
            return null;
        }
    }
}
