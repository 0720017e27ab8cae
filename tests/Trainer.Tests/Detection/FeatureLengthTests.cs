using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;
using static IlgpuSpp.Training.Tests.HandMadeWindows;

namespace IlgpuSpp.Training.Tests;

/// <summary>Features are brought to a mean length of 20 over 200 windows of each of 200 images (R-CNN's release, rcnn_feature_stats).</summary>
public sealed class FeatureLengthTests : DetectionTest
{
    [Fact]
    public void AnImageCountsWith200Windows()
    {
        using var windows = new HandMadeWindows(_backend, 1);
        // 200 of the first image's windows of length 1 and the one of the second, of length 202: 2 on average.
        windows.Add([], [.. Enumerable.Range(0, 500).Select(i => (Box(i, 0, i + 9, 9), Along(0)))]);
        windows.Add([], (Box(0, 100, 9, 109), Along(0, 202)));
        TrainingImages images = windows.Images("thing");
        var length = new FeatureLength(images, seed: 1, stream: 2);
        foreach (int index in length.Images)
        {
            (IImageWindows features, IReadOnlyList<TrainingWindow> found) = images.Load(index)!.Value;
            OrderedWindows ordered = features.Order(length.Draw(found));
            using Tensor rows = _backend.Allocate(new Shape(ordered.Rows, 1));
            ordered.Compute(features, 0, ordered.Rows, rows);
            length.Add(ordered, rows.ToArray(), 1);
        }
        Assert.Equal(10, length.Scale, 1e-9);
    }

    [Theory]
    [InlineData(199, 199)]
    [InlineData(201, 200)]
    public void TwoHundredImagesCount(int images, int measured)
    {
        using var windows = new HandMadeWindows(_backend, 1);
        // Those whose objects alone are learnt from have no windows off their objects.
        AnnotatedImage[] all = [.. Enumerable.Range(0, images + 5).Select(i => new AnnotatedImage(i.ToString(CultureInfo.InvariantCulture), 0, 1, 1, []) { ObjectsOnly = i < 5 })];
        var length = new FeatureLength(new TrainingImages(new DetectionDataset("many", ["thing"], all, new MemoryImages([new RgbImage(1, 1)])), windows, windows, _warnings), seed: 1, stream: 2);
        Assert.Equal(measured, length.Images.Distinct().Count(i => i is >= 5 && i < images + 5));
        Assert.Equal(measured, length.Images.Count);
    }
}
