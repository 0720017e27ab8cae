using System.Diagnostics;

namespace IlgpuSpp.Detection;

/// <summary>The windows of an image with a clock that runs while features are computed.</summary>
internal sealed class TimedWindows(IImageWindows windows, Backend backend, Stopwatch clock) : IImageWindows
{
    public int Width => windows.Width;

    public int Height => windows.Height;

    public int Scales => windows.Scales;

    public int[] BestScales(IReadOnlyList<PixelBox> boxes) => windows.BestScales(boxes);

    public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) => windows.FirstAlike(boxes, scaleOf);

    public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
    {
        clock.Start();
        windows.Compute(boxes, scaleOf, rows);
        // A device's work counts where it was asked for.
        backend.Synchronize();
        clock.Stop();
    }

    public void Dispose() => windows.Dispose();
}
