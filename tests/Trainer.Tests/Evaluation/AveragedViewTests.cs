using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;
using IlgpuSpp.Reference;

namespace IlgpuSpp.Training.Tests.Evaluation;

/// <summary>The tests with several views against a double-precision evaluation of every view by hand.</summary>
public sealed class AveragedViewTests : IDisposable
{
    private const int Classes = 3, View = 8, Channels = 4;

    private readonly CpuBackend _backend = TinyRun.Backend();

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(640, 480, 96)] // the paper: five scales of 18 views, 6 at 224
    [InlineData(480, 640, 96)]
    [InlineData(480, 480, 92)] // a square has a single place at 224
    public void ThePapersSixScalesGiveItsNumberOfViews(int width, int height, int views)
    {
        int count = 0;
        foreach (int scale in MultiViewOptions.PaperScales)
        {
            (int w, int h) = InputPreparation.SizeFor(width, height, scale);
            count += 2 * ViewGrid.Boxes(w, h, 224).Count;
        }
        Assert.Equal(views, count);
    }

    [Fact]
    public void ViewsLieAtStartMiddleAndEnd()
    {
        Assert.Equal([0, 38, 76], ViewGrid.Positions(300, 224));
        Assert.Equal([0, 1], ViewGrid.Positions(225, 224));
        Assert.Equal([0], ViewGrid.Positions(224, 224));
        Assert.Contains("A view of 224 pixels does not fit into a side of 223", Assert.Throws<ArgumentException>(() => ViewGrid.Positions(223, 224)).Message, StringComparison.Ordinal);
        Assert.Equal<int[]>([96, 110, 129, 154, 192, 240], [.. new MultiViewOptions().ScalesFor(96)]);
    }

    // A 1×1 convolution sees no border, so that the reference needs no padding rule: a view pooled from the map by the
    // paper's rule is the view without its outermost pixels, whose centres do not lie strictly inside.
    [Theory]
    [InlineData("multi", 14, 10)]
    [InlineData("multi", 10, 13)]
    [InlineData("multi-crops", 14, 10)]
    [InlineData("multi+full", 14, 10)]
    [InlineData("full+flip", 14, 10)]
    [InlineData("ten", 14, 10)]
    [InlineData("ten-maps", 14, 10)]
    [InlineData("ten-maps", 10, 13)]
    public void ScoresAreTheMeanOfTheViewsSoftmaxes(string name, int width, int height)
    {
        using TrainedModel model = Model();
        RgbImage image = Image(width, height);
        var options = new MultiViewOptions { Scales = [10] };
        AveragedViews views = name switch
        {
            "multi" => new MultiView(options),
            "multi-crops" => new MultiView(options with { AsCrops = true }),
            "multi+full" => new MultiView(options with { FullImage = true }),
            "full+flip" => new MultiView(options with { Scales = [], FullImage = true }),
            "ten-maps" => new MultiView(new MultiViewOptions { Places = ViewPlaces.Ten }),
            _ => new TenView(),
        };
        Assert.Equal(name, views.Name);

        int middleX = (width - View) / 2, middleY = (height - View) / 2, lastX = width - View, lastY = height - View;
        (int X, int Y)[] places = name.StartsWith("ten", StringComparison.Ordinal)
            ? [(middleX, middleY), (0, 0), (lastX, 0), (0, lastY), (lastX, lastY)]
            : [.. from y in (int[])[0, middleY, lastY] from x in (int[])[0, middleX, lastX] select (x, y)];
        var windows = new List<(int Left, int Top, int Right, int Bottom)>();
        int rim = name is "multi" or "multi+full" or "ten-maps" ? 1 : 0;
        if (name != "full+flip") windows.AddRange(places.Select(p => (p.X + rim, p.Y + rim, p.X + View - rim, p.Y + View - rim)));
        if (name.Contains("full", StringComparison.Ordinal)) windows.Add((0, 0, width, height));

        var sum = new double[Classes];
        foreach (bool flip in (bool[])[false, true])
            foreach (var window in windows)
                Add(sum, Softmax(model.Model.Network, image, flip && name == "ten" ? Mirror(window, width) : window, flip));
        using IImageScorer scorer = views.Open(model);
        float[] scores = scorer.Score(image);
        for (int c = 0; c < Classes; c++) Assert.Equal(sum[c] / (2 * windows.Count), scores[c], 1e-5);
        Assert.Equal(1, scores.Sum(), 1e-5);

        // The evaluator and the classifier give the same scores.
        var data = new ImageDataset("one", TinyRun.Classes, new MemoryImages([image]), [new ImageSample("one", 0, 0)]);
        using var evaluator = new Evaluator(model);
        Assert.Equal(-Math.Log(scores[0]), evaluator.Evaluate(data, views).Loss, 1e-5);
        using var classifier = new Classifier(model, new ClassifierOptions { Views = views });
        Assert.Equal(scores, classifier.Probabilities(image));
    }

    [Fact]
    public void ViewsThatCannotBeTakenAreRefused()
    {
        using TrainedModel model = Model();
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Scales = [10, 7] }).Check(model));
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Scales = [10, 10] }).Check(model));
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Scales = [] }).Check(model));
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Places = ViewPlaces.Ten, AsCrops = true }).Check(model));
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Places = ViewPlaces.Ten, FullImage = true }).Check(model));
        Assert.Throws<OptionsException>(() => new MultiView(new MultiViewOptions { Places = ViewPlaces.Ten, Scales = [10, 12] }).Check(model));

        // Two poolings by 4 leave nothing of 10 pixels.
        var shrinking = new Model(Description, new Sequential(new Conv2d(3, Channels, 1), new MaxPool2d(4, 4), new MaxPool2d(4, 4), new SpatialPyramidPool(1, 2), new Linear(Channels * 5, Classes)), _backend, 1);
        using var small = new TrainedModel(shrinking, new InputPreparation { MinSide = 20, CropSize = 16 }, 16);
        InputTooSmallException empty = Assert.Throws<InputTooSmallException>(() => new MultiView(new MultiViewOptions { Scales = [10], ViewSize = 8 }).Check(small));
        Assert.Equal(16, empty.MinimumWidth);

        using var fixedSize = new Model(Description, new Sequential(new Conv2d(3, Channels, 1), new Linear(Channels * 64, Classes)), _backend, 1);
        Assert.Throws<NotSupportedException>(() => new SplitNetwork(fixedSize.Network));
    }

    [Fact]
    public void UndecodableImagesAreLeftOut()
    {
        using TrainedModel model = Model();
        ImageDataset good = TinyRun.Images(6);
        var data = new ImageDataset("broken", TinyRun.Classes, new BrokenSource(good.Source, 2), good.Samples);
        using var evaluator = new Evaluator(model, new EvaluatorOptions { MaxUndecodableShare = 0.2 });
        EvaluationResult result = evaluator.Evaluate(data, new TenView());
        Assert.Equal(5, result.Images);
        Assert.Equal([good.Samples[2].Name], result.Undecodable);
        using var strict = new Evaluator(model, new EvaluatorOptions { MaxUndecodableShare = 0.1 });
        Assert.Throws<UndecodableImagesException>(() => strict.Evaluate(data, new TenView()));
    }

    [Fact]
    public void AWindowOverTheWholeMapGivesTheNetworksOutput()
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        var split = new SplitNetwork(model.Network);
        using NetworkPass whole = model.Network.Plan(new Shape(2, 13, 17, 3), PassMode.Inference), stem = split.PlanStem(new Shape(2, 13, 17, 3));
        float[] input = TestValues.Uniform(whole.Input.Count, 5);
        whole.Input.Upload(input);
        whole.Forward();
        stem.Input.Upload(input);
        stem.Forward();
        Shape map = stem.Output.Shape;
        using NetworkPass head = split.PlanHead(2, split.Features(map));
        using Tensor<int> windows = _backend.Index(new Shape(2, 5), [0, 0, 0, map.Height, map.Width, 1, 0, 0, map.Height, map.Width]);
        split.PoolWindows(stem.Output, windows, head.Input);
        head.Forward();
        Assert.Equal(whole.Output.ToArray(), head.Output.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        Assert.Equal(new ReceptiveField(2, 0.5, 4), split.Field); // 3×3 pad 1, then 2×2 stride 2
    }

    private static ModelDescription Description => new() { Architecture = "tiny", Options = new ModelOptions { Classes = Classes, Pyramid = [1, 2] } };

    private TrainedModel Model()
    {
        var network = new Model(Description, new Sequential(new Conv2d(3, Channels, 1), new Relu(), new SpatialPyramidPool(1, 2), new Linear(Channels * 5, Classes)), _backend, 3);
        return new TrainedModel(network, new InputPreparation { MinSide = 10, CropSize = View, Normalisation = InputNormalisation.Constant(128, 50) }, View);
    }

    private static RgbImage Image(int width, int height)
    {
        var random = new RandomStream(new RandomKey(4, 9, (uint)width));
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.NextInt(256);
        return image;
    }

    // The ten views are crops of the image, mirrored afterwards; in the image mirrored first they lie on the other side.
    private static (int Left, int Top, int Right, int Bottom) Mirror((int Left, int Top, int Right, int Bottom) window, int width) =>
        (width - window.Right, window.Top, width - window.Left, window.Bottom);

    private static void Add(double[] sum, double[] values)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += values[i];
    }

    private static double[] Softmax(Network network, RgbImage image, (int Left, int Top, int Right, int Bottom) window, bool flip)
    {
        float[][] p = [.. network.Parameters.Select(parameter => parameter.Value.ToArray())];
        int height = window.Bottom - window.Top, width = window.Right - window.Left;
        var features = new List<double>();
        foreach (int level in (int[])[1, 2])
            for (int c = 0; c < Channels; c++)
                for (int r = 0; r < level; r++)
                    for (int q = 0; q < level; q++)
                    {
                        double most = 0; // behind a ReLU
                        for (int y = r * height / level; y < ((r + 1) * height + level - 1) / level; y++)
                            for (int x = q * width / level; x < ((q + 1) * width + level - 1) / level; x++)
                            {
                                int column = window.Left + x;
                                if (flip) column = image.Width - 1 - column;
                                double value = p[1][c];
                                for (int k = 0; k < 3; k++)
                                    value += (image.Pixels[((window.Top + y) * image.Width + column) * 3 + k] - 128.0) / 50 * p[0][k * Channels + c];
                                most = Math.Max(most, value);
                            }
                        features.Add(most);
                    }
        var scores = new double[Classes];
        for (int j = 0; j < Classes; j++)
            scores[j] = p[3][j] + features.Select((f, i) => f * p[2][j * features.Count + i]).Sum();
        double largest = scores.Max(), total = scores.Sum(s => Math.Exp(s - largest));
        return [.. scores.Select(s => Math.Exp(s - largest) / total)];
    }

    private sealed class BrokenSource(IImageSource inner, int broken) : IImageSource
    {
        public int Count => inner.Count;

        public string NameOf(int index) => inner.NameOf(index);

        public RgbImage Load(int index) => index == broken ? throw new DataFormatException(null, "the file ends too early") : inner.Load(index);
    }
}
