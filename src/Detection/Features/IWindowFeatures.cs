using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>Gives the windows of images the features that the layers behind a network's pyramid read. Not for several threads at a time.</summary>
public interface IWindowFeatures
{
    /// <summary>The network's parts.</summary>
    SplitNetwork Split { get; }

    /// <summary>Values of a window: bins times channels.</summary>
    int Length { get; }

    /// <summary>Takes up an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>Its windows; the caller disposes it.</returns>
    /// <exception cref="DataFormatException">The image's sides differ too much.</exception>
    /// <exception cref="InputTooSmallException">The network cannot take images so small.</exception>
    IImageWindows Open(RgbImage image);
}

/// <summary>One image whose windows' features can be asked for.</summary>
public interface IImageWindows : IDisposable
{
    /// <summary>Width of the image in pixels.</summary>
    int Width { get; }

    /// <summary>Height of the image in pixels.</summary>
    int Height { get; }

    /// <summary>How many scales there are to take a window's features at.</summary>
    int Scales { get; }

    /// <summary>The scale that suits each window best.</summary>
    /// <param name="boxes">The windows.</param>
    /// <returns>Numbers below <see cref="Scales"/>.</returns>
    int[] BestScales(IReadOnlyList<PixelBox> boxes);

    /// <summary>Computes features, each window's at a scale of its own. A window's values do not depend on the windows beside it.</summary>
    /// <param name="boxes">Windows in pixels of the image, inside it.</param>
    /// <param name="scaleOf">For each window the number of its scale. It is faster where those of one scale lie together.</param>
    /// <param name="rows">Receives the features on the device, <c>[boxes or more, length]</c>, in the order of the boxes.</param>
    void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows);

    /// <summary>Computes features of every window at the scale that suits it best.</summary>
    /// <param name="boxes">Windows in pixels of the image, inside it.</param>
    /// <param name="rows">Receives the features on the device, <c>[boxes or more, length]</c>, in the order of the boxes.</param>
    void Compute(IReadOnlyList<PixelBox> boxes, Tensor rows) => Compute(boxes, BestScales(boxes), rows);

    /// <summary>The order of windows in which <see cref="Compute(IReadOnlyList{PixelBox}, Tensor)"/> does the least work.</summary>
    /// <param name="boxes">The windows.</param>
    /// <returns>Positions in <paramref name="boxes"/>.</returns>
    int[] Order(IReadOnlyList<PixelBox> boxes)
    {
        int[] scaleOf = BestScales(boxes);
        return [.. Enumerable.Range(0, boxes.Count).OrderBy(i => scaleOf[i])];
    }
}
