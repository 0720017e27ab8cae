using System.Diagnostics;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>The windows of an image with a clock that runs while features are computed.</summary>
internal sealed class TimedWindows(IImageWindows windows, IBackend backend, Stopwatch clock) : IImageWindows
{
    public int Width => windows.Width;

    public int Height => windows.Height;

    public int[] Order(IReadOnlyList<PixelBox> boxes) => windows.Order(boxes);

    public void Compute(IReadOnlyList<PixelBox> boxes, Tensor rows)
    {
        clock.Start();
        windows.Compute(boxes, rows);
        // A device's work counts where it was asked for.
        backend.Synchronize();
        clock.Stop();
    }

    public void Dispose() => windows.Dispose();
}
