using System.Diagnostics;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Times of one image in seconds.</summary>
/// <param name="Name">The method.</param>
/// <param name="Convolutions">The convolutions, with pooling of the windows.</param>
/// <param name="FullyConnected">The layers behind the pyramid.</param>
internal sealed record SpeedRow(string Name, double Convolutions, double FullyConnected)
{
    public double Total => Convolutions + FullyConnected;
}

/// <summary>
/// The speed comparison of the paper's Tables 9 and 10: the convolutions once on the image, at one scale or at five, against each window warped to the network's crop
/// and taken through the convolutions by itself, as R-CNN does. Weights do not matter for the time.
/// </summary>
internal sealed class SpeedBench(Model model, int crop, int windows, int measuredCrops)
{
    private const int Width = 500, Height = 375, CropBatch = 25, SmallestSide = 20;

    public IReadOnlyList<SpeedRow> Run(CancellationToken interrupt)
    {
        var preparation = new InputPreparation();
        RgbImage image = Image();
        PixelBox[] boxes = Boxes();
        double head = Head(preparation, boxes.Length, interrupt);
        var rows = new List<SpeedRow>();
        foreach (int scales in (ReadOnlySpan<int>)[1, 5])
            rows.Add(new SpeedRow(scales == 1 ? "SPP-net, 1 scale" : $"SPP-net, {scales} scales", Pooled(preparation, image, boxes, scales, interrupt), head));
        rows.Add(new SpeedRow("R-CNN", Crops(interrupt) * windows, head));
        return rows;
    }

    private double Pooled(InputPreparation preparation, RgbImage image, PixelBox[] boxes, int scales, CancellationToken interrupt)
    {
        IWindowFeatures features = WindowFeatures.Create(model, preparation, WindowFeatureOptions.For(crop, scales));
        using Tensor pooled = model.Backend.Allocate(new Shape(Math.Min(boxes.Length, 256), features.Length));
        return Best(() =>
        {
            using IImageWindows opened = features.Open(image);
            PixelBox[] ordered = [.. opened.Order(boxes).Select(i => boxes[i])];
            for (int start = 0; start < ordered.Length; start += 256) opened.Compute(ordered[start..Math.Min(ordered.Length, start + 256)], pooled);
            model.Backend.Synchronize();
        }, interrupt);
    }

    private double Head(InputPreparation preparation, int count, CancellationToken interrupt)
    {
        IWindowFeatures features = WindowFeatures.Create(model, preparation, WindowFeatureOptions.For(crop, 1));
        using NetworkPass pass = features.Split.PlanHead(256, features.Length);
        model.Backend.FillNormal(pass.Input, 0, 1, new RandomKey(1, 1, 0));
        return Best(() =>
        {
            for (int start = 0; start < count; start += 256) pass.Forward();
            model.Backend.Synchronize();
        }, interrupt);
    }

    // Seconds for one window; the pyramid over the crop's map is counted as the pooling of windows is above.
    private double Crops(CancellationToken interrupt)
    {
        var split = new SplitNetwork(model.Network);
        int batch = Math.Min(CropBatch, measuredCrops);
        var input = new Shape(batch, crop, crop, 3);
        using NetworkPass stem = split.PlanStem(input);
        using Tensor pooled = model.Backend.Allocate(new Shape(batch, split.Features(stem.Output.Shape)));
        model.Backend.FillNormal(stem.Input, 0, 50, new RandomKey(1, 2, 0));
        int batches = Math.Max(1, measuredCrops / batch);
        double seconds = Best(() =>
        {
            for (int i = 0; i < batches; i++)
            {
                stem.Forward();
                model.Backend.PyramidForward(stem.Output, pooled, null, split.Pyramid);
            }
            model.Backend.Synchronize();
        }, interrupt);
        return seconds / (batches * batch);
    }

    // The better of two runs after a first one that warms up.
    private static double Best(Action work, CancellationToken interrupt)
    {
        double best = double.PositiveInfinity;
        for (int run = 0; run < 3; run++)
        {
            interrupt.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            work();
            if (run > 0) best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return best;
    }

    private static RgbImage Image()
    {
        var image = new RgbImage(Width, Height);
        var random = new RandomStream(new RandomKey(1, 3, 0));
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.NextInt(256);
        return image;
    }

    private PixelBox[] Boxes()
    {
        var random = new RandomStream(new RandomKey(1, 4, 0));
        return [.. Enumerable.Range(0, windows).Select(_ =>
        {
            (int left, int right) = Side(random, Width);
            (int top, int bottom) = Side(random, Height);
            return new PixelBox(left, top, right, bottom);
        })];

        static (int First, int Last) Side(RandomStream random, int pixels)
        {
            int length = SmallestSide + random.NextInt(pixels - SmallestSide), first = random.NextInt(pixels - length + 1);
            return (first, first + length - 1);
        }
    }
}
