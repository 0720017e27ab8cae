using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Turns the boxes of annotation files into boxes inside their image, and says what had to be mended.</summary>
internal static class BoxReading
{
    // A box drawn to the edge of the continuous image may reach half a pixel past its last pixel.
    private const double Slack = 0.51;

    /// <summary>The box inside the image, or null where it is no box or lies outside altogether; both with a warning.</summary>
    public static PixelBox? Inside(PixelBox box, int width, int height, string place, ILogger logger)
    {
        if (!(double.IsFinite(box.Left) && double.IsFinite(box.Top) && double.IsFinite(box.Right) && double.IsFinite(box.Bottom)) || box.Right < box.Left || box.Bottom < box.Top)
        {
            logger.LogWarning("{Place}: the box {Box} has no pixels; it is left out.", place, Text(box));
            return null;
        }
        PixelBox? inside = BoxOverlap.Clip(box, width, height);
        if (inside is null)
            logger.LogWarning("{Place}: the box {Box} lies outside the image of {Width}x{Height} pixels; it is left out.", place, Text(box), width, height);
        else if (box.Left < -Slack || box.Top < -Slack || box.Right > width - 1 + Slack || box.Bottom > height - 1 + Slack)
            logger.LogWarning("{Place}: the box {Box} reaches out of the image of {Width}x{Height} pixels; it is clipped.", place, Text(box), width, height);
        return inside;
    }

    // 1-based, as the user finds it in the file.
    private static string Text(PixelBox box) => FormattableString.Invariant($"{box.Left + 1},{box.Top + 1},{box.Right + 1},{box.Bottom + 1}");
}
