using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;
using static IlgpuSpp.Training.Tests.HandMadeWindows;

namespace IlgpuSpp.Training.Tests;

/// <summary>The constants of the paper's fine-tuning on windows made for them.</summary>
public sealed class HeadFineTuningTests : DetectionTest
{
    [Fact]
    public void ObjectsFrom05_BackgroundFrom01Below05()
    {
        using var windows = new HandMadeWindows(_backend, 5);
        PixelBox thing = Box(0, 0, 99, 99), at05 = Box(0, 0, 49, 99), below05 = Box(1, 1, 77, 64), at01 = Box(0, 0, 9, 99), below01 = Box(50, 0, 86, 26);
        Assert.Equal([0.5, 0.4928, 0.1, 0.0999], new[] { at05, below05, at01, below01 }.Select(box => BoxOverlap.IntersectionOverUnion(thing, box)));
        windows.Add([Item(thing)], (thing, []), (at05, []), (below05, []), (at01, []), (below01, []));
        var samples = new WindowSamples(5);
        TrainingImages images = windows.Images("thing");
        using IImageWindows opened = images.Load(0)!.Value.Features;
        samples.Add(opened, _backend, images.Data.Images[0], images.Load(0)!.Value.Windows, new FineTuningOptions(), TrainingScale.Best, new RandomStream(new RandomKey(1, 2, 3)));
        Assert.Equal((2, 2), (samples.Foreground, samples.Background));
    }

    // Section 4.5: windows near the objects of DET's training set teach nothing.
    [Fact]
    public void ImagesWhoseObjectsAloneAreLearntFrom_GiveTheirObjects()
    {
        using var windows = new HandMadeWindows(_backend, 1);
        PixelBox thing = Box(0, 0, 99, 99), other = Box(50, 0, 149, 99);
        windows.AddObjects([Item(thing), Item(other)], (thing, []), (other, []), (Box(0, 0, 79, 99), []), (Box(0, 0, 19, 99), []));
        var samples = new WindowSamples(1);
        TrainingImages images = windows.Images("thing");
        using IImageWindows opened = images.Load(0)!.Value.Features;
        samples.Add(opened, _backend, images.Data.Images[0], images.Load(0)!.Value.Windows, new FineTuningOptions(), TrainingScale.Best, new RandomStream(new RandomKey(1, 2, 3)));
        Assert.Equal((2, 0), (samples.Foreground, samples.Background));
    }

    // Without features and with equal scores for both outputs, the gradient of the object's bias is p − share of objects = 0.5 − 0.25.
    [Fact]
    public void AQuarterOfAnUpdateLiesOnObjects()
    {
        using var windows = new HandMadeWindows(_backend, 2);
        windows.Add([Item(Box(0, 0, 99, 99))], (Box(0, 0, 99, 99), []), (Box(0, 0, 19, 99), []));
        var last = (Linear)windows.Split.Head.Children[^1];
        foreach (Parameter parameter in last.Parameters) _backend.Fill(parameter.Value, 0);
        last.Bias!.LearningRateMultiplier = 1;
        var options = new FineTuningOptions { Iterations = 1, LearningRate = 1, Flips = false };
        using (var tuning = new HeadFineTuning(windows.Model, windows.Images("thing"), new TrainingImages(windows.Data("thing").Subset([]), windows, windows, _warnings), options, 1, _folder["checkpoint"], null))
            tuning.Run(CancellationToken.None);
        Assert.Equal([0.25f, -0.25f], last.Bias.Value.ToArray());
    }
}
