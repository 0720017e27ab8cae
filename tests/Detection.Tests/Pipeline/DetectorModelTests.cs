using System.Diagnostics;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection.Tests;

/// <summary>A network with the parts of a detector: boxes moved by the layer beside the last one, and parts of other lengths.</summary>
public sealed class DetectorModelTests : DetectionTest
{
    private static readonly string[] Names = ["background", "disc", "square", "cross"];

    // More windows than one piece of the head has, none of a whole number of pieces, some on the same responses.
    private static readonly PixelBox[] Boxes = [.. Enumerable.Range(0, 700).Select(i => new PixelBox(7 * i % 41, 11 * i % 31, 7 * i % 41 + 16 + 13 * i % 37, 11 * i % 31 + 16 + 17 * i % 47)).Distinct()];

    private static readonly RgbImage Image = ShapesScenes.Create(3, 1).Train.Load(0);

    private Model Network()
    {
        using Model start = SmallDetection.Network(_backend);
        return ModelHead.Replace(start, Names, _backend, 5);
    }

    // Lengths of what the last layer reads and of a window's features.
    private (int Hidden, int Features) Lengths()
    {
        using Model model = Network();
        IWindowFeatures features = WindowFeatures.Create(model, SmallDetection.Preparation, SmallDetection.Options.Features);
        using var head = new WindowHead(model, features);
        return (head.HiddenLength, features.Length);
    }

    // What the head says of the windows one by one, in the order of their scales, and their features.
    private (PixelBox[] Boxes, float[] Hidden, float[] Rows) Reference()
    {
        using Model model = Network();
        IWindowFeatures features = WindowFeatures.Create(model, SmallDetection.Preparation, SmallDetection.Options.Features);
        using var head = new WindowHead(model, features);
        using IImageWindows opened = features.Open(Image);
        PixelBox[] boxes = [.. opened.Order(Boxes).Boxes];
        using Tensor pooled = _backend.Allocate(new Shape(boxes.Length, features.Length));
        opened.Compute(boxes, opened.BestScales(boxes), pooled);
        return (boxes, [.. boxes.SelectMany(box => head.Respond(opened, [box]).Responses)], pooled.ToArray());
    }

    // How many of the windows lie on responses, or at a scale, of their own.
    private int PlacesOnMaps()
    {
        using Model model = Network();
        SplitNetwork split = new(model.Network);
        var mapping = new WindowMapping(split.Field, WindowRule.Release, 6.5 / 16 * split.Field.Stride);
        int side = Math.Min(Image.Width, Image.Height);
        return Boxes.Select(box =>
        {
            int scale = ScaleChoice.ByArea(box, side, [.. SmallDetection.Options.Features.Scales], SmallDetection.Options.Features.TargetSide), length = SmallDetection.Options.Features.Scales[scale];
            Shape map = split.MapShape(new Shape(1, length * Image.Height / side, length * Image.Width / side, 3));
            return (scale, mapping.Map(box.Resized(side, length), map.Height, map.Width));
        }).Distinct().Count();
    }

    private static void AssertNear(PixelBox expected, PixelBox box, double tolerance)
    {
        Assert.Equal(expected.Left, box.Left, tolerance);
        Assert.Equal(expected.Top, box.Top, tolerance);
        Assert.Equal(expected.Right, box.Right, tolerance);
        Assert.Equal(expected.Bottom, box.Bottom, tolerance);
    }

    private static float[] Noise(int count, uint number, double range)
    {
        var random = new RandomStream(new RandomKey(5, number, 0));
        return [.. Enumerable.Range(0, count).Select(_ => (float)(range * (2 * random.NextUniform() - 1)))];
    }

    [Fact]
    public void TheBoxLayer_MovesEveryWindowByItsClass()
    {
        int hidden = Lengths().Hidden, classes = Names.Length - 1;
        float[] weights = Noise(4 * classes * hidden, 1, 0.02), biases = Noise(4 * classes, 2, 0.3);
        (PixelBox[] boxes, float[] values, _) = Reference();

        using var model = new DetectorModel("detector", Network(), SmallDetection.Preparation, new DetectorParts(SmallDetection.Settings, null, null, null, null, weights, biases));
        using IImageWindows windows = model.Open(Image, new Stopwatch());
        ScoredBox[] moved = [.. model.Score(windows, Boxes, WindowScoring.Softmax, -1, move: true, 0).Boxes], still = [.. model.Score(windows, Boxes, WindowScoring.Softmax, -1, move: false, 0).Boxes];
        Assert.Equal(Boxes.Length * classes, moved.Length);
        double farthest = 0;
        for (int i = 0; i < moved.Length; i++)
        {
            (int row, int label) = (i / classes, i % classes);
            Assert.Equal((label, boxes[row], moved[i].Score), (moved[i].Label, still[i].Box, still[i].Score));
            double[] encoded = [.. Enumerable.Range(4 * label, 4).Select(output => biases[output] + Enumerable.Range(0, hidden).Sum(k => (double)values[row * hidden + k] * weights[output * hidden + k]))];
            PixelBox expected = BoxOverlap.Clip(BoxEncoding.Decode(boxes[row], encoded), Image.Width, Image.Height) ?? boxes[row];
            AssertNear(expected, moved[i].Box, 1e-3);
            farthest = Math.Max(farthest, Math.Abs(moved[i].Box.Left - still[i].Box.Left));
        }
        Assert.True(farthest > 1, "no box was moved");
    }

    [Fact]
    public void MachinesAndRegression_ReadTheRowsThatWereComputedOnce()
    {
        (int hidden, int length) = Lengths();
        int classes = Names.Length - 1;
        float[] weights = Noise(4 * classes * length, 3, 0.002), biases = Noise(4 * classes, 4, 0.3), svmWeights = Noise(classes * hidden, 5, 0.1), svmBiases = Noise(classes, 6, 1);
        (PixelBox[] boxes, float[] values, float[] rows) = Reference();

        using var model = new DetectorModel("detector", Network(), SmallDetection.Preparation, new DetectorParts(SmallDetection.Settings, svmWeights, svmBiases, weights, biases));
        using IImageWindows windows = model.Open(Image, new Stopwatch());
        var counted = new CountedWindows(windows);
        ModelDetections found = model.Score(counted, Boxes, WindowScoring.Svm, -100, move: true, 0);
        Assert.Equal(Boxes.Length * classes, found.Boxes.Count);
        double farthest = 0;
        for (int i = 0; i < found.Boxes.Count; i++)
        {
            (int row, int label) = (i / classes, i % classes);
            Assert.Equal((label, boxes[row]), (found.Boxes[i].Label, found.Boxes[i].Box));
            Assert.Equal(svmBiases[label] + Enumerable.Range(0, hidden).Sum(k => (double)values[row * hidden + k] * svmWeights[label * hidden + k]), found.Boxes[i].Score, 1e-3);
            double[] encoded = [.. Enumerable.Range(4 * label, 4).Select(output => biases[output] + Enumerable.Range(0, length).Sum(k => (double)rows[row * length + k] * weights[output * length + k]))];
            PixelBox expected = BoxOverlap.Clip(BoxEncoding.Decode(boxes[row], encoded), Image.Width, Image.Height) ?? boxes[row], moved = found.Moved(i).Box;
            AssertNear(expected, moved, 1e-2);
            farthest = Math.Max(farthest, Math.Abs(moved.Left - found.Boxes[i].Box.Left));
        }
        Assert.True(farthest > 1, "no box was moved");
        Assert.Equal((PlacesOnMaps(), 1), (counted.Windows, counted.Choices));
        Assert.InRange(counted.Windows, WindowHead.Piece + 1, Boxes.Length - 1);
    }

    // Pieces of 64 rows and of 256: each window by itself, all in one call.
    [Fact]
    public void AWindowsResponses_AreTheSameInAnyPiece()
    {
        (_, float[] alone, _) = Reference();
        using Model model = Network();
        IWindowFeatures features = WindowFeatures.Create(model, SmallDetection.Preparation, SmallDetection.Options.Features);
        using var head = new WindowHead(model, features);
        using IImageWindows opened = features.Open(Image);
        WindowResponses all = head.Respond(opened, Boxes);
        int length = head.ResponseLength;
        for (int i = 0; i < Boxes.Length; i++)
            Assert.Equal(alone[(i * length)..((i + 1) * length)], all.Responses[(all.Windows.RowOf[i] * length)..((all.Windows.RowOf[i] + 1) * length)]);
    }

    // The layers of spp-small written out in double precision: pooled windows, fc5, its normalisation by running values, ReLU.
    [Theory]
    [InlineData("pool5")]
    [InlineData("fc5")]
    public void Machines_ReadTheLayerThatIsNamed(string layer)
    {
        using Model network = Network();
        float[] hidden = Drawn(Layer<Linear>("fc5").Weight, 0.05, 0), gamma = Drawn(Layer<BatchNorm>("bn_fc5").Gamma, 0.5, 1), beta = Drawn(Layer<BatchNorm>("bn_fc5").Beta, 0.5, 0);
        float[] mean = Drawn(Layer<BatchNorm>("bn_fc5").RunningMean, 0.5, 0), variance = Drawn(Layer<BatchNorm>("bn_fc5").RunningVariance, 0.5, 1);
        (PixelBox[] boxes, _, float[] rows) = Reference();
        int length = rows.Length / boxes.Length, classes = Names.Length - 1, read = layer == "pool5" ? length : 256;
        float[] weights = Noise(classes * read, 5, 0.1), biases = Noise(classes, 6, 1);

        using var model = new DetectorModel("detector", network, SmallDetection.Preparation, new DetectorParts(SmallDetection.Settings with { SvmLayer = layer }, weights, biases, null, null));
        using IImageWindows windows = model.Open(Image, new Stopwatch());
        IReadOnlyList<ScoredBox> found = model.Score(windows, Boxes, WindowScoring.Svm, double.NegativeInfinity, move: false, 0).Boxes;
        for (int i = 0; i < found.Count; i++)
        {
            (int row, int label) = (i / classes, i % classes);
            double[] responses = [.. rows[(row * length)..((row + 1) * length)]];
            if (layer == "fc5") responses = Hidden(responses);
            double expected = biases[label] + Enumerable.Range(0, read).Sum(k => responses[k] * weights[label * read + k]);
            Assert.Equal((label, boxes[row]), (found[i].Label, found[i].Box));
            Assert.Equal(expected, found[i].Score, 1e-3 * Math.Max(1, Math.Abs(expected)));
        }

        T Layer<T>(string name)
            where T : Layer => network.Network.Root.Children.OfType<T>().Single(item => item.Name == name);

        float[] Drawn(Parameter parameter, double range, double middle)
        {
            float[] drawn = [.. Noise((int)parameter.Shape.Count, (uint)(10 + parameter.FullName.Length), range).Select(value => (float)(middle + value))];
            parameter.Value.Upload(drawn);
            return drawn;
        }

        double[] Hidden(double[] pooled) => [.. Enumerable.Range(0, 256).Select(unit =>
        {
            double sum = Enumerable.Range(0, length).Sum(k => pooled[k] * hidden[unit * length + k]);
            return Math.Max(0, (sum - mean[unit]) / Math.Sqrt(variance[unit] + 1e-5) * gamma[unit] + beta[unit]);
        })];
    }

    [Fact]
    public void ScoresOfMachinesAboveMinus15_AreKept()
    {
        int classes = Names.Length - 1;
        using var model = new DetectorModel("detector", Network(), SmallDetection.Preparation, new DetectorParts(SmallDetection.Settings, new float[classes * Lengths().Hidden], [-1.4999f, -1.5f, -1.5001f], null, null));
        using IImageWindows windows = model.Open(Image, new Stopwatch());
        Assert.Equal([0], model.Score(windows, Boxes, WindowScoring.Svm, null, move: false, 0).Boxes.Select(box => box.Label).Distinct());
    }

    [Theory]
    [InlineData("support vector machines")]
    [InlineData("box regression")]
    [InlineData("box layer")]
    public void PartsOfAnotherNetwork_AreRefusedAndLeaveNoMemoryInUse(string part)
    {
        (int hidden, int features) = Lengths();
        int classes = Names.Length - 1;
        long before = _backend.Memory.InUse;
        foreach ((int weights, int biases) in new[] { (-1, 0), (0, -1) })
        {
            var parts = new DetectorParts(
                SmallDetection.Settings, Part("support vector machines", classes * hidden, weights), Part("support vector machines", classes, biases),
                Part("box regression", 4 * classes * features, weights), Part("box regression", 4 * classes, biases),
                Part("box layer", 4 * classes * hidden, weights), Part("box layer", 4 * classes, biases));
            ModelFormatException error = Assert.Throws<ModelFormatException>(() => new DetectorModel("some-file", Network(), SmallDetection.Preparation, parts));
            Assert.StartsWith($"some-file: its parts do not fit its network: the {part} should have", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, _backend.Memory.InUse);
        }

        float[] Part(string name, int length, int change) => new float[name == part ? length + change : length];
    }

    [Fact]
    public void ClassNamesThatDoNotFitTheOutputs_AreRefused()
    {
        Model model = Network();
        model.Description = model.Description with { ClassNames = [.. Names, "star"] };
        Assert.Contains("ask for 5 outputs, but the network has 4", Assert.Throws<ModelFormatException>(() => new DetectorModel("some-file", model, SmallDetection.Preparation, new DetectorParts(SmallDetection.Settings, null, null, null, null))).Message, StringComparison.Ordinal);
    }

    private sealed class CountedWindows(IImageWindows windows) : IImageWindows
    {
        public int Windows { get; private set; }

        public int Choices { get; private set; }

        public int Width => windows.Width;

        public int Height => windows.Height;

        public int Scales => windows.Scales;

        public int[] BestScales(IReadOnlyList<PixelBox> boxes)
        {
            Choices++;
            return windows.BestScales(boxes);
        }

        public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) => windows.FirstAlike(boxes, scaleOf);

        public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
        {
            Windows += boxes.Count;
            windows.Compute(boxes, scaleOf, rows);
        }

        public void Dispose() => windows.Dispose();
    }
}
