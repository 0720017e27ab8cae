using IlgpuSpp.Data;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Small sets of objects and detections, written by hand.</summary>
internal static class Truth
{
    public static PixelBox Box(double left, double top, double right, double bottom) => new(left, top, right, bottom);

    public static AnnotatedObject Item(PixelBox box, int label = 0, bool difficult = false) => new(label, box, difficult);

    public static DetectionDataset Of(string[] classNames, params AnnotatedObject[][] images) =>
        new("truth", classNames, [.. images.Select((objects, i) => new AnnotatedImage($"image-{i}", i, 1000, 1000, objects))], new MemoryImages([]));

    public static ScoredBox Found(double score, PixelBox box, int image = 0, int label = 0) => new(image, label, score, box);

    /// <summary>Boxes of 10x10 pixels side by side, far enough apart not to meet.</summary>
    public static PixelBox Cell(int column) => Box(20 * column, 0, 20 * column + 9, 9);

    /// <summary>A box that overlaps no cell.</summary>
    public static PixelBox Nowhere(int column) => Box(20 * column, 100, 20 * column + 9, 109);
}
