using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>The gradient of both losses through the head, the window pooling and the convolutions, against finite differences of the loss.</summary>
public sealed class EndToEndGradientTests : IDisposable
{
    private const double BoxWeight = 0.7;

    private static readonly PassState State = new(3, 1);

    private readonly Backend _backend = SmallDetection.Open();

    public void Dispose() => _backend.Dispose();

    // Two convolutions, a pyramid, and a head that ends in the layer of the classes; smooth units, so that only the maxima have kinks.
    private Model Tiny(bool hidden, ulong seed = 11)
    {
        Layer[] stem = [new Conv2d(3, 4, 3, 2, 1) { Name = "conv1" }, new Sigmoid { Name = "a1" }, new Conv2d(4, 5, 3, 2, 1) { Name = "conv2" }, new SpatialPyramidPool(1, 2) { Name = "spp" }];
        Layer[] head = hidden ? [new Linear(25, 6) { Name = "fc1" }, new Sigmoid { Name = "a2" }, new Linear(6, 3) { Name = "fc2" }] : [new Linear(25, 3) { Name = "fc" }];
        return new Model(new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = 3, Pyramid = [1, 2] } }, new Sequential([.. stem, .. head]), _backend, seed);
    }

    private static RgbImage Noise(int width, int height, uint number)
    {
        var image = new RgbImage(width, height);
        var random = new RandomStream(new RandomKey(9, number, 0));
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.NextInt(256);
        return image;
    }

    // Two images of different shapes, one of them mirrored, windows at both scales, two of them one over the other.
    private static IReadOnlyList<BatchImage> Batch() =>
    [
        new BatchImage(Noise(40, 30, 1), false,
        [
            new BatchWindow(Box(2, 3, 25, 20), 1, Box(4, 1, 30, 22), 1), new BatchWindow(Box(10, 5, 39, 29), 0, default, 0), new BatchWindow(Box(4, 3, 28, 21), 2, Box(0, 0, 18, 18), 1),
        ]),
        new BatchImage(Noise(32, 44, 2), true, [new BatchWindow(Box(0, 0, 31, 43), 2, Box(3, 3, 30, 40), 0), new BatchWindow(Box(6, 8, 22, 30), 0, default, 1)]),
    ];

    // Seeds with which no bin's maximum moves to another place within a step: there a finite difference says nothing about the gradient.
    [Theory]
    [InlineData(true, true, 2)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 2)]
    [InlineData(true, true, 3)]
    [InlineData(true, false, 3)]
    [InlineData(false, true, 3)]
    public void EveryParameter_AgreesWithFiniteDifferences(bool hidden, bool withBoxes, ulong seed)
    {
        using Model model = Tiny(hidden, seed);
        var features = new PooledWindowFeatures(model, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, new WindowFeatureOptions { Scales = [24, 40], TargetSide = 24 });
        using BoxLayer? boxes = withBoxes ? new BoxLayer(_backend, (Linear)features.Split.Head.Children[^1], 2, seed: 4) : null;
        // Larger than the layer starts from, so that some targets are met on the parabola and some on the lines.
        if (boxes is not null) _backend.FillNormal(boxes.Layer.Weight.Value, 0, 0.3f, new RandomKey(1, 2, 3));
        using var pass = new EndToEndPass(model, features, boxes, new BoxTargets([0.05, 0, 0.1, -0.1], [0.2, 0.3, 0.4, 0.5]), windows: 5, BoxWeight);
        IReadOnlyList<BatchImage> batch = Batch();
        pass.Forward(batch, State);
        pass.Backward(State);

        Parameter[] parameters = [.. model.Network.Parameters, .. boxes?.Parameters ?? []];
        Assert.Equal(hidden ? (withBoxes ? 10 : 8) : 8, parameters.Length);
        foreach (Parameter parameter in parameters)
        {
            float[] analytic = parameter.Gradient.ToArray(), values = parameter.Value.ToArray();
            // Elements are tried one by one, spread over the tensor.
            int step = Math.Max(1, values.Length / 12);
            double largest = 0;
            for (int i = 0; i < values.Length; i += step)
            {
                double numeric = Slope(parameter, values, i);
                largest = Math.Max(largest, Math.Abs(numeric));
                Assert.True(Math.Abs(numeric - analytic[i]) <= 2e-4 + 5e-3 * Math.Abs(numeric), $"{parameter.FullName}[{i}]: {analytic[i]} by the backward pass, {numeric} by differences");
            }
            Assert.True(largest > 1e-3, $"{parameter.FullName} has no influence ({largest}); nothing was checked");
        }

        double Slope(Parameter parameter, float[] values, int i)
        {
            const float Step = 1e-3f;
            float kept = values[i];
            (float high, float low) = (kept + Step, kept - Step);
            values[i] = high;
            double above = Loss();
            values[i] = low;
            double below = Loss();
            values[i] = kept;
            parameter.Value.Upload(values);
            return (above - below) / ((double)high - low);

            double Loss()
            {
                parameter.Value.Upload(values);
                pass.Forward(batch, State);
                (double classes, double moves) = pass.Losses();
                return classes + BoxWeight * moves;
            }
        }
    }

    [Fact]
    public void LossOfTheBoxes_IsGirshicksOverTheWholeMinibatch()
    {
        using Model model = Tiny(hidden: true);
        var features = new PooledWindowFeatures(model, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, new WindowFeatureOptions { Scales = [24, 40], TargetSide = 24 });
        using var boxes = new BoxLayer(_backend, (Linear)features.Split.Head.Children[^1], 2, seed: 4);
        // A layer that predicts 0 for everything: the loss is that of the targets.
        _backend.Fill(boxes.Layer.Weight.Value, 0);
        var targets = new BoxTargets([0, 0, 0, 0], [1, 0.1, 1, 1]);
        using var pass = new EndToEndPass(model, features, boxes, targets, windows: 2, BoxWeight);
        // The object is half a window to the right, a fifth of a window lower (divided by 0.1: 2), twice as wide, as high.
        BatchWindow moved = new(Box(0, 0, 9, 9), 1, Box(0, 2, 19, 11), 1), background = new(Box(5, 5, 20, 20), 0, Box(0, 0, 3, 3), 1);
        pass.Forward([new BatchImage(Noise(40, 30, 1), false, [moved, background])], State);
        double expected = (0.5 * 0.5 * 0.5 + (2 - 0.5) + 0.5 * Math.Log(2) * Math.Log(2)) / 2;
        Assert.Equal(expected, pass.Losses().Boxes, 6);
    }

    [Fact]
    public void AFrozenStem_CostsNoGradientByTheWindowsAndChangesNoOther()
    {
        (float[][] all, long whole) = HeadGradients(frozen: false);
        (float[][] head, long part) = HeadGradients(frozen: true);
        Assert.Equal(all, head);
        // Both the gradient by the windows and the positions of the maxima, of five windows with 25 numbers each, are spared.
        Assert.True(whole - part >= 2 * 5 * 25 * sizeof(float), $"{part} bytes with a frozen stem, {whole} without");
    }

    // The gradients of the head's four and the box layer's two tensors, and the memory that the pass takes.
    private (float[][] Gradients, long Bytes) HeadGradients(bool frozen)
    {
        using Model model = Tiny(hidden: true);
        var features = new PooledWindowFeatures(model, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, new WindowFeatureOptions { Scales = [24, 40], TargetSide = 24 });
        using var boxes = new BoxLayer(_backend, (Linear)features.Split.Head.Children[^1], 2, seed: 4);
        foreach (Parameter parameter in features.Split.Stem.SelfAndDescendants().SelectMany(layer => layer.Parameters)) parameter.Frozen = frozen;
        model.Network.PrepareTraining();
        long before = _backend.Memory.InUse;
        using var pass = new EndToEndPass(model, features, boxes, new BoxTargets([0, 0, 0, 0], [1, 1, 1, 1]), windows: 5, BoxWeight);
        long bytes = _backend.Memory.InUse - before;
        pass.Forward(Batch(), State);
        pass.Backward(State);
        Parameter[] trained = [.. features.Split.Head.SelfAndDescendants().SelectMany(layer => layer.Parameters), .. boxes.Parameters];
        Assert.Equal(6, trained.Length);
        Assert.Contains(trained, parameter => Array.Exists(parameter.Gradient.ToArray(), value => value != 0));
        using NetworkPass plan = features.Split.PlanHeadEndToEnd(5, 25, boxes.Layer, needInputGradient: !frozen);
        Assert.Equal(frozen, plan.InputGradient is null);
        return ([.. trained.Select(parameter => parameter.Gradient.ToArray())], bytes);
    }

    // Layers without names are called by their position in the whole network, which in the head are other positions.
    [Fact]
    public void NetworksOfUnnamedLayers_TakeABoxLayer()
    {
        using var model = new Model(
            new ModelDescription { Architecture = "unnamed", Options = new ModelOptions { Classes = 3, Pyramid = [1, 2] } },
            new Sequential(new Conv2d(3, 4, 3, 2, 1), new Relu(), new SpatialPyramidPool(1, 2), new Linear(20, 6), new Relu(), new Dropout(0.5f), new Linear(6, 3)), _backend, 1);
        var features = new PooledWindowFeatures(model, new InputPreparation { Normalisation = InputNormalisation.Constant(128, 64) }, new WindowFeatureOptions { Scales = [24, 40], TargetSide = 24 });
        using var boxes = new BoxLayer(_backend, (Linear)features.Split.Head.Children[^1], 2, seed: 4);
        using var pass = new EndToEndPass(model, features, boxes, new BoxTargets([0, 0, 0, 0], [1, 1, 1, 1]), windows: 5, BoxWeight);
        pass.Forward(Batch(), State);
        Assert.True(pass.Losses() is { Classes: > 0, Boxes: > 0 });
        Assert.Equal(["3", "4", "5", "6"], features.Split.Head.Children.Select(layer => layer.Name));
    }
}
