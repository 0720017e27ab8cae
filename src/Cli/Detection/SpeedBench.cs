using System.Diagnostics;
using IlgpuSpp.Data.Imaging;

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
/// and taken through the convolutions by itself, as R-CNN does. Times are means over the images. Weights do not matter for the time.
/// </summary>
internal sealed class SpeedBench(Model model, int crop, IReadOnlyList<SpeedImage> images, int measuredCrops)
{
    private const int Piece = WindowHead.Piece;
    private static readonly InputPreparation Preparation = new();

    public IReadOnlyList<SpeedRow> Run(CancellationToken interrupt)
    {
        var rows = new List<SpeedRow>();
        foreach (int scales in (ReadOnlySpan<int>)[1, 5])
            rows.Add(Mean(scales == 1 ? "SPP-net, 1 scale" : $"SPP-net, {scales} scales", (image, boxes) =>
            {
                (double seconds, int computed) = Features(image, boxes, WindowFeatureOptions.For(crop, scales), interrupt);
                return (seconds, Head(computed, interrupt));
            }));
        rows.Add(Mean("R-CNN", (image, boxes) =>
        {
            PixelBox[] measured = boxes[..Math.Min(boxes.Length, measuredCrops)];
            return (Features(image, measured, WindowFeatureOptions.ForRcnn(crop), interrupt).Seconds * boxes.Length / measured.Length, Head(boxes.Length, interrupt));
        }));
        return rows;
    }

    private SpeedRow Mean(string name, Func<RgbImage, PixelBox[], (double Convolutions, double FullyConnected)> time)
    {
        (double convolutions, double fullyConnected) = (0, 0);
        foreach (SpeedImage image in images)
        {
            (double first, double second) = time(image.Image, image.Windows);
            convolutions += first;
            fullyConnected += second;
        }
        return new SpeedRow(name, convolutions / images.Count, fullyConnected / images.Count);
    }

    // The convolutions and what gives windows their features, and how many rows of features these are; the windows go through in pieces as they do in a detector.
    private (double Seconds, int Rows) Features(RgbImage image, PixelBox[] boxes, WindowFeatureOptions options, CancellationToken interrupt)
    {
        IWindowFeatures features = WindowFeatures.Create(model, Preparation, options);
        using Tensor rows = model.Backend.Allocate(new Shape(Math.Min(boxes.Length, Piece), features.Length));
        int computed = 0;
        double seconds = Best(() =>
        {
            using IImageWindows opened = features.Open(image);
            OrderedWindows ordered = opened.Order(boxes);
            computed = ordered.Rows;
            for (int start = 0; start < computed; start += Piece) ordered.Compute(opened, start, Math.Min(Piece, computed - start), rows);
            model.Backend.Synchronize();
        }, interrupt);
        return (seconds, computed);
    }

    // In pieces as in a detector.
    private double Head(int count, CancellationToken interrupt)
    {
        IWindowFeatures features = WindowFeatures.Create(model, Preparation, WindowFeatureOptions.For(crop, 1));
        using NetworkPass whole = Planned(Piece), rest = Planned(WindowHead.RowsOf(Math.Max(1, count % Piece)));
        return Best(() =>
        {
            for (int start = 0; start < count; start += Piece) (count - start < Piece ? rest : whole).Forward();
            model.Backend.Synchronize();
        }, interrupt);

        NetworkPass Planned(int rows)
        {
            NetworkPass pass = features.Split.PlanHead(rows, features.Length);
            model.Backend.FillNormal(pass.Input, 0, 1, new RandomKey(1, 1, 0));
            return pass;
        }
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
}

/// <summary>An image and its windows.</summary>
/// <param name="Image">The image.</param>
/// <param name="Windows">At least one window.</param>
internal sealed record SpeedImage(RgbImage Image, PixelBox[] Windows)
{
    private const int Width = 500, Height = 375, SmallestSide = 20;

    /// <summary>Noise with drawn windows.</summary>
    public static SpeedImage Drawn(int windows)
    {
        var image = new RgbImage(Width, Height);
        var random = new RandomStream(new RandomKey(1, 3, 0));
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.NextInt(256);
        random = new RandomStream(new RandomKey(1, 4, 0));
        return new SpeedImage(image, [.. Enumerable.Range(0, windows).Select(_ =>
        {
            (int left, int right) = Side(random, Width);
            (int top, int bottom) = Side(random, Height);
            return new PixelBox(left, top, right, bottom);
        })]);

        static (int First, int Last) Side(RandomStream random, int pixels)
        {
            int length = SmallestSide + random.NextInt(pixels - SmallestSide), first = random.NextInt(pixels - length + 1);
            return (first, first + length - 1);
        }
    }

    /// <summary>Photographs with the windows that a method proposes for them; those without any are left out.</summary>
    public static IReadOnlyList<SpeedImage> Photographs(IEnumerable<string> files, IProposalMethod method, int most, CancellationToken interrupt)
    {
        var images = new List<SpeedImage>();
        foreach (string file in files)
        {
            interrupt.ThrowIfCancellationRequested();
            RgbImage image = ImageDecoder.DecodeFile(file);
            PixelBox[] windows = [.. method.Propose(image, file).Take(most)];
            if (windows.Length > 0) images.Add(new SpeedImage(image, windows));
        }
        return images;
    }
}
