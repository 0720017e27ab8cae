using IlgpuSpp.Models;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Tests of the features of windows: a network and a few drawn scenes.</summary>
public abstract class WindowFeatureTest : DetectionTest
{
    private protected readonly Model _model;

    private protected WindowFeatureTest() => _model = SmallDetection.Network(_backend);

    private protected static RgbImage Scene(int index) => ShapesScenes.Create(9, 1).Train.Load(index);

    private protected float[] Compute(IWindowFeatures features, RgbImage image, params PixelBox[] boxes)
    {
        using IImageWindows windows = features.Open(image);
        using Tensor rows = _backend.Allocate(new Shape(boxes.Length, features.Length));
        windows.Compute(boxes, windows.BestScales(boxes), rows);
        return rows.ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        _model.Dispose();
        base.Dispose(disposing);
    }
}
