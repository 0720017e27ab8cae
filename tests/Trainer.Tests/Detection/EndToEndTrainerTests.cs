using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Training.Tests;

/// <summary>Detectors trained end to end on a few drawn scenes: learning, resuming, what stays frozen, what the file holds.</summary>
public sealed class EndToEndTrainerTests : DetectionTest
{
    private static DetectorOptions With(Func<EndToEndOptions, EndToEndOptions> change) => SmallDetection.EndToEnd with { EndToEnd = change(SmallDetection.EndToEnd.EndToEnd!) };

    [Fact]
    public void ARunStoppedAnywhere_EndsWithTheSameDetector()
    {
        byte[] expected = File.ReadAllBytes(Train("whole", SmallDetection.EndToEnd));
        foreach ((string stage, int done) in new[] { ("windows", 1), (EndToEndTraining.Stage, 8), (EndToEndTraining.Stage, 20) })
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => Train("stopped", SmallDetection.EndToEnd, value =>
            {
                if (value.Stage == stage && value.Done == done) stop.Cancel();
            }, cancellation: stop.Token));
        }
        Assert.Equal(expected, File.ReadAllBytes(Train("stopped", SmallDetection.EndToEnd)));
    }

    [Fact]
    public void AKilledRun_GoesOnFromItsLastCheckpoint()
    {
        byte[] expected = File.ReadAllBytes(Train("whole", SmallDetection.EndToEnd));
        byte[]? checkpoint = null;
        string file = _folder["killed/end-to-end.safetensors"];
        Train("killed", SmallDetection.EndToEnd, value =>
        {
            // The checkpoint on the disk is that of update 12 then.
            if (value.Stage == EndToEndTraining.Stage && value.Done == 16) checkpoint = File.ReadAllBytes(file);
        });
        foreach (string later in (string[])["network.safetensors", "box-layer.safetensors", "detector.safetensors"]) File.Delete(_folder["killed/" + later]);
        File.WriteAllBytes(file, checkpoint!);
        int first = 0;
        Assert.Equal(expected, File.ReadAllBytes(Train("killed", SmallDetection.EndToEnd, value =>
        {
            if (value.Stage == EndToEndTraining.Stage && first == 0) first = value.Done;
        })));
        Assert.Equal(16, first);
    }

    [Fact]
    public void TrainingLowersBothLosses_AndDetects()
    {
        var losses = new List<(double Classes, double Boxes)>();
        DetectorOptions longer = With(options => options with { Iterations = 160, ReportEvery = 20 });
        Train("run", longer, value =>
        {
            if (value.Stage == EndToEndTraining.Stage) losses.Add(Read(value.Note));
        });
        Assert.Equal(8, losses.Count);
        // Eleven outputs that know nothing have ln 11; a quarter of the windows has targets of variance 1 in four numbers, so that at first their loss is near ½·4/4.
        Assert.InRange(losses[0].Classes, 0.5, Math.Log(11));
        Assert.True(losses[^1].Classes < 0.6 * losses[0].Classes && losses[^1].Boxes < 0.8 * losses[0].Boxes, string.Join(' ', losses));

        using Detector detector = Detector.Load(_folder["run"], _backend, new SmallDetection.Grid());
        Assert.Equal((false, true, WindowScoring.Softmax), (detector.HasSvm, detector.HasBoxRegression, detector.Settings[0].Scoring));
        DetectorTestResult moved = DetectorTest.Run(detector, Scenes), plain = DetectorTest.Run(detector, Scenes, new DetectionOptions { RegressBoxes = false });
        Assert.InRange(moved.Score.MapArea, 0.2, 1);
        // Boxes of the grid seldom fit an object; the learnt ones fit better.
        Assert.True(moved.Score.MapCoco > plain.Score.MapCoco, $"{moved.Score.MapCoco} with the box layer, {plain.Score.MapCoco} without");
        Assert.All(moved.Detections, box => Assert.True(box.Box.Left >= 0 && box.Box.Top >= 0 && box.Box.Right < Scenes.Images[box.Image].Width && box.Box.Bottom < Scenes.Images[box.Image].Height));
    }

    [Fact]
    public void TheStemRateScalesTheStepsInFrontOfThePyramidAlone()
    {
        // The first step is the rate times gradient and decay: momentum has nothing to keep yet.
        const float Rate = 0.125f;
        var steps = new List<Dictionary<string, float[]>>();
        using Model before = SmallDetection.Network(_backend);
        foreach ((string run, double rate) in new[] { ("whole", 1.0), ("part", Rate) })
        {
            Train(run, With(options => options with { Iterations = 1, LearningRate = 0.5, StemRate = rate }));
            using Model after = ModelFile.Load(_folder[run + "/detector.safetensors"], _backend);
            Assert.All(after.Network.Parameters, parameter => Assert.Equal(before.Network.Parameters.First(own => own.FullName == parameter.FullName).LearningRateMultiplier, parameter.LearningRateMultiplier));
            steps.Add(after.Network.Parameters.Where(parameter => parameter.FullName.EndsWith("weight", StringComparison.Ordinal)).ToDictionary(
                parameter => parameter.FullName, parameter => parameter.Value.ToArray().Zip(before.Network.Parameters.First(own => own.FullName == parameter.FullName).Value.ToArray(), (now, old) => now - old).ToArray()));
        }
        foreach ((string name, float factor) in new[] { ("conv2.weight", Rate), ("conv4.weight", Rate), ("fc5.weight", 1f) })
        {
            Assert.Contains(steps[0][name], step => Math.Abs(step) > 1e-3);
            for (int i = 0; i < steps[0][name].Length; i++) Assert.Equal(factor * steps[0][name][i], steps[1][name][i], 1e-6);
        }
    }

    [Theory]
    [InlineData(null, "conv1.", "conv2.weight")]
    [InlineData("none", "", "conv1.weight")]
    [InlineData("spp", "conv1.,conv2.,conv3.,conv4.", "fc5.weight")]
    public void FrozenLayersAndStatisticsOfTheStemStay(string? through, string frozen, string learning)
    {
        Train("run", With(options => options with { Iterations = 3, FrozenThrough = through }));
        using Model before = SmallDetection.Network(_backend), after = ModelFile.Load(_folder["run/detector.safetensors"], _backend);
        string[] stay = [.. frozen.Split(',', StringSplitOptions.RemoveEmptyEntries), "bn_conv"];
        var met = new HashSet<string>();
        foreach ((Parameter old, Parameter now) in before.Network.Parameters.Zip(after.Network.Parameters))
        {
            if (old.Shape != now.Shape) continue;
            bool same = old.Value.ToArray().AsSpan().SequenceEqual(now.Value.ToArray());
            if (Array.Find(stay, name => old.FullName.StartsWith(name, StringComparison.Ordinal)) is { } found)
            {
                Assert.True(same, old.FullName);
                met.Add(found);
            }
            if (old.FullName == learning)
            {
                Assert.False(same, learning);
                met.Add(learning);
            }
        }
        Assert.True(met.SetEquals([.. stay, learning]), $"only {string.Join(", ", met)} were found");
    }

    [Fact]
    public void MachinesAndRidgeRegression_CanFollow()
    {
        DetectorOptions options = With(end => end with { Iterations = 2, BoxWeight = 0, Scale = TrainingScale.Best, Flips = false });
        Train("run", options with { Svm = new SvmOptions(), Scoring = WindowScoring.Svm });
        using Detector detector = Detector.Load(_folder["run"], _backend, new SmallDetection.Grid());
        Assert.True(detector.HasSvm && detector.HasBoxRegression);
        Assert.False(File.Exists(_folder["run/box-layer.safetensors"]));
        Assert.NotEmpty(DetectorTest.Run(detector, Scenes).Detections);
    }

    [Fact]
    public void ImpossibleOptions_AreRefused()
    {
        Assert.Contains("conv1", Assert.Throws<OptionsException>(() => Train("a", With(options => options with { FrozenThrough = "conv9" }))).Message, StringComparison.Ordinal);
        Assert.Contains("leaves nothing", Assert.Throws<OptionsException>(() => Train("b", With(options => options with { FrozenThrough = "fc6" }))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["a"]) || Directory.Exists(_folder["b"]));
        Assert.Contains("BatchSize", Assert.Throws<OptionsException>(() => Train("c", With(options => options with { BatchSize = 3 }))).Message, StringComparison.Ordinal);
        Assert.Contains("smaller learning rate", Assert.Throws<DivergedException>(() => Train("d", With(options => options with { LearningRate = 1e30 }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesThatCannotBeResized_AreLeftOutByName()
    {
        // The longest side allowed is 32 times the smaller one: 1280 of 40.
        var images = new ListedImages([.. Enumerable.Range(0, 4).Select(Scenes.Load), new RgbImage(1290, 40), new RgbImage(1280, 40)]);
        AnnotatedObject[] marked = [new(0, new PixelBox(0, 0, 39, 39), false)];
        DetectionDataset data = new("long", Scenes.ClassNames, [.. Scenes.Images.Take(4), new AnnotatedImage("banner", 4, 1290, 40, marked), new AnnotatedImage("strip", 5, 1280, 40, marked)], images);
        string surveyed = "";
        // Three epochs of five images.
        Train("run", With(options => options with { Iterations = 8 }), value =>
        {
            if (value.Stage == "windows") surveyed = value.Note;
        }, data: data);
        Assert.Equal("5 images to train on", surveyed);
        string warning = Assert.Single(_warnings.Lines);
        Assert.StartsWith("banner", warning, StringComparison.Ordinal);
        Assert.Contains("an image of 1290x40 is longer than 32 times its smaller side", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void ResumingWithoutAnImage_IsRefusedUntilItIsBack()
    {
        byte[] expected = File.ReadAllBytes(Train("whole", SmallDetection.EndToEnd));
        var images = new ListedImages([.. Enumerable.Range(0, Scenes.Images.Count).Select(Scenes.Load)]);
        DetectionDataset data = new(Scenes.Name, Scenes.ClassNames, Scenes.Images, images);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("run", SmallDetection.EndToEnd, value =>
        {
            if (value.Stage == EndToEndTraining.Stage && value.Done == 8) stop.Cancel();
        }, data, stop.Token));
        images.Missing = Scenes.Images[2].Source;
        string message = Assert.Throws<RunFolderException>(() => Train("run", SmallDetection.EndToEnd, data: data)).Message;
        Assert.Contains($"was training on {Scenes.Images.Count} images, but {Scenes.Images.Count - 1} can be used now", message, StringComparison.Ordinal);
        Assert.StartsWith(Scenes.Images[2].Name, Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        images.Missing = -1;
        Assert.Equal(expected, File.ReadAllBytes(Train("run", SmallDetection.EndToEnd, data: data)));
    }

    // "loss 1.234 (classes 0.900, boxes 0.334)"
    private static (double Classes, double Boxes) Read(string note)
    {
        string[] parts = note.TrimEnd(')').Split(' ');
        return (double.Parse(parts[3].TrimEnd(','), CultureInfo.InvariantCulture), double.Parse(parts[5], CultureInfo.InvariantCulture));
    }

    private sealed class ListedImages(RgbImage[] images) : IImageSource
    {
        public int Count => images.Length;

        public int Missing { get; set; } = -1;

        public string NameOf(int index) => $"image {index}";

        public RgbImage Load(int index) => index != Missing ? images[index] : throw new FileNotFoundException("it is gone");
    }
}
