using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Training.Tests;

/// <summary>Training from end to end on a few drawn scenes: resuming, refusing, detecting.</summary>
public sealed class DetectorTrainerTests : DetectionTest
{
    [Fact]
    public void ARunStoppedAnywhere_EndsWithTheSameDetector()
    {
        byte[] expected = File.ReadAllBytes(Train("whole", SmallDetection.Options));
        // Stopped at the first report of a stage, at a later one, and again after going on.
        foreach (string stage in (ReadOnlySpan<string>)["windows", "fine-tuning", "fine-tuning", "objects' features", "support vector machines", "box regression", "box regression of classes", "calibration, support vector machines"])
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => Train("stopped", SmallDetection.Options, seen: StopAt(stage, stop), cancellation: stop.Token));
        }
        Assert.Equal(expected, File.ReadAllBytes(Train("stopped", SmallDetection.Options)));
        Assert.False(Directory.Exists(_folder["stopped/maps"]));
    }

    [Fact]
    public void AKilledRun_GoesOnFromItsLastCheckpoint()
    {
        // What a kill between two checkpoints leaves: the earlier one. A run that stops nowhere writes the same in the end.
        byte[] expected = File.ReadAllBytes(Train("whole", SmallDetection.Options));
        byte[]? checkpoint = null;
        string file = _folder["killed/fine-tuning.safetensors"];
        Train("killed", SmallDetection.Options, value =>
        {
            if (value is { Stage: "fine-tuning", Done: 12 }) checkpoint = File.ReadAllBytes(file);
        });
        foreach (string later in (string[])["network.safetensors", "svm.safetensors", "boxes.safetensors", "detector.safetensors"]) File.Delete(_folder["killed/" + later]);
        // At the report of update 12 the file on the disk is that of update 6.
        File.WriteAllBytes(file, checkpoint!);
        Assert.Equal(expected, File.ReadAllBytes(Train("killed", SmallDetection.Options)));
    }

    [Fact]
    public void RcnnRuns_AreResumedAndUsed()
    {
        DetectorOptions options = SmallDetection.Options with { Features = WindowFeatureOptions.ForRcnn(48) };
        DetectionDataset few = Scenes.Subset([0, 1, 2, 3]);
        // Without room for the features every window goes through the convolutions whenever it is needed: the outcome is the same.
        string whole = Train("whole", options with { CacheBytes = 1 }, data: few);
        foreach (string stage in (ReadOnlySpan<string>)["fine-tuning", "support vector machines", "box regression"])
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => Train("stopped", options, StopAt(stage, stop), few, stop.Token));
        }
        string file = Train("stopped", options, data: few);
        using Detector one = Detector.Load(file, _backend, new SmallDetection.Grid()), other = Detector.Load(whole, _backend, new SmallDetection.Grid());
        Assert.Equal(WindowMethod.Rcnn, one.Settings[0].Features.Method);
        for (int i = 0; i < few.Images.Count; i++)
        {
            ImageDetections found = one.Detect(few.Load(i));
            Assert.NotEmpty(found.Boxes);
            Assert.Equal(other.Detect(few.Load(i)).Boxes, found.Boxes);
            Assert.True(found.Times is { Convolutions: > 0, Proposals: > 0, FullyConnected: > 0 });
        }
    }

    [Fact]
    public void AnotherRunInTheFolder_IsRefused()
    {
        DetectorOptions quick = SmallDetection.Options with { FineTuning = SmallDetection.Options.FineTuning with { Iterations = 0 }, Svm = new SvmOptions { Enabled = false }, Boxes = new BoxRegressionOptions { Enabled = false } };
        Train("run", quick);
        Assert.Equal("Seed", Assert.Throws<OptionsException>(() => Train("run", quick with { Seed = 2 })).Option);
        Assert.Equal("FineTuning.LearningRate", Assert.Throws<OptionsException>(() => Train("run", quick with { FineTuning = quick.FineTuning with { LearningRate = 0.5 } })).Option);
        Train("run", quick with { CacheBytes = 1000 });
        Assert.Throws<RunFolderException>(() => Train("run", quick, data: Scenes.Subset([0, 1, 2])));
    }

    [Fact]
    public void DetectorsAreLoadedAndUsed()
    {
        string[] names = [.. Scenes.ClassNames, "unicorn"];
        string file = Train("run", SmallDetection.Options, data: Scenes.WithClasses(names));
        Assert.Contains(_warnings.Lines, line => line.Contains("unicorn", StringComparison.Ordinal));
        using Detector detector = Detector.Load(_folder["run"], _backend, new SmallDetection.Grid());
        Assert.Equal(names, detector.ClassNames);
        Assert.True(detector.HasSvm && detector.HasBoxRegression);
        foreach (WindowScoring scoring in Enum.GetValues<WindowScoring>())
        {
            DetectorTestResult result = DetectorTest.Run(detector, Scenes, new DetectionOptions { Scoring = scoring });
            Assert.NotEmpty(result.Detections);
            Assert.All(result.Detections, box =>
            {
                AnnotatedImage image = Scenes.Images[box.Image];
                Assert.True(box.Box.Left >= 0 && box.Box.Top >= 0 && box.Box.Right <= image.Width - 1 && box.Box.Bottom <= image.Height - 1 && box.Box.Left <= box.Box.Right);
                Assert.True(scoring == WindowScoring.Softmax || names[box.Label] != "unicorn");
            });
            // Better than chance on what it was trained on: machines on random convolutions still learn ten scenes by heart.
            if (scoring == WindowScoring.Svm) Assert.InRange(result.Score.MapArea, 0.2, 1);
        }
        Assert.Equal(_folder["run"] + Path.DirectorySeparatorChar + "detector.safetensors", file);
    }

    [Fact]
    public void ScoresAreTurnedIntoProbabilitiesOfImagesHeldOut()
    {
        DetectorOptions options = SmallDetection.Options with { FineTuning = SmallDetection.Options.FineTuning with { HeldOutShare = 0.5 } };
        string file = Train("run", options, data: ShapesScenes.Create(40, 2).Train);
        using Detector detector = Detector.Load(file, _backend, new SmallDetection.Grid());
        Assert.True(detector.IsCalibrated, string.Join('\n', _warnings.Lines));
        DetectorTestResult result = DetectorTest.Run(detector, Scenes);
        foreach (IGrouping<int, ScoredBox> own in result.Detections.GroupBy(box => box.Label))
        {
            double[] probabilities = [.. own.OrderByDescending(box => box.Score).Select(box => detector.Probability(box, WindowScoring.Svm)!.Value)];
            Assert.All(probabilities, value => Assert.InRange(value, 0, 1));
            Assert.Equal(probabilities.OrderDescending(), probabilities);
        }
        Assert.Equal(0.25, detector.Probability(result.Detections[0] with { Score = 0.25 }, WindowScoring.Softmax));
        // Of two together the one that a score is from is not known.
        using Detector both = Detector.Load([file, file], _backend, new SmallDetection.Grid());
        Assert.Null(both.Probability(result.Detections[0], WindowScoring.Svm));
    }

    [Fact]
    public void TheGeometryOfWindowsIsStoredInTheDetector()
    {
        WindowFeatureOptions features = SmallDetection.Options.Features with { Rule = WindowRule.Paper, ScaleRule = ScaleRule.Side, Combination = ScaleCombination.Max };
        DetectorOptions options = SmallDetection.Options with { Features = features };
        using (Detector detector = Detector.Load(Train("run", options), _backend, new SmallDetection.Grid()))
        {
            Assert.Equal(features, detector.Settings[0].Features);
            Assert.NotEmpty(detector.Detect(Scenes.Load(0), new DetectionOptions { MinimumScore = -9 }).Boxes);
        }
        Assert.Equal("Features.Rule", Assert.Throws<OptionsException>(() => Train("run", options with { Features = features with { Rule = WindowRule.Release } })).Option);
        Assert.Equal("Combination", Assert.Throws<OptionsException>(() => Train("other", SmallDetection.EndToEnd with { Features = features })).Option);
    }

    [Fact]
    public void MachinesOnTheHiddenLayer_AreThoseOfTheUsualDetector()
    {
        using Detector usual = Detector.Load(Train("usual", SmallDetection.Options), _backend, new SmallDetection.Grid());
        using Detector named = Detector.Load(Train("named", SmallDetection.Options with { SvmLayer = "fc5" }), _backend, new SmallDetection.Grid());
        Assert.Equal((null, "fc5"), (usual.Settings[0].SvmLayer, named.Settings[0].SvmLayer));
        foreach (string stage in (string[])["network.safetensors", "svm.safetensors", "boxes.safetensors"]) Assert.Equal(File.ReadAllBytes(_folder["usual/" + stage]), File.ReadAllBytes(_folder["named/" + stage]));
        IReadOnlyList<ScoredBox> found = named.Detect(Scenes.Load(0)).Boxes;
        Assert.NotEmpty(found);
        Assert.Equal(usual.Detect(Scenes.Load(0)).Boxes, found);
        Assert.Equal("SvmLayer", Assert.Throws<OptionsException>(() => Train("named", SmallDetection.Options)).Option);
    }

    [Fact]
    public void MachinesOnPooledWindows_LearnWithAndWithoutFineTuningAndAreUsedTogetherWithOthers()
    {
        DetectorOptions pooled = SmallDetection.Options with { SvmLayer = "pool5" };
        Train("tuned", pooled);
        Train("plain", pooled with { FineTuning = pooled.FineTuning with { Iterations = 0 }, Boxes = new BoxRegressionOptions { Enabled = false } });
        Train("usual", SmallDetection.Options);
        // Fine-tuning leaves the maps as they are, and so do machines that read nothing else.
        Assert.Equal(File.ReadAllBytes(_folder["plain/svm.safetensors"]), File.ReadAllBytes(_folder["tuned/svm.safetensors"]));
        using (SafetensorsFile file = SafetensorsFile.Open(_folder["plain/svm.safetensors"])) Assert.Equal(Scenes.ClassNames.Count * 5 * 128, file.Count("weight"));
        using Detector both = Detector.Load([_folder["plain"], _folder["usual"]], _backend, new SmallDetection.Grid());
        Assert.Equal(["pool5", null], both.Settings.Select(settings => settings.SvmLayer));
        Assert.NotEmpty(both.Detect(Scenes.Load(0)).Boxes);
        Assert.NotEmpty(both.Detect(Scenes.Load(0), new DetectionOptions { Scoring = WindowScoring.Softmax }).Boxes);
    }

    // fc6 is the last layer, conv4 in front of the pyramid.
    [Theory]
    [InlineData("fc9")]
    [InlineData("fc6")]
    [InlineData("conv4")]
    public void ALayerThatMachinesCannotRead_IsRefusedWithThoseThatTheyCan(string layer)
    {
        string message = Assert.Throws<OptionsException>(() => Train("run", SmallDetection.Options with { SvmLayer = layer })).Message;
        Assert.Equal($"SvmLayer names '{layer}'; machines can read pool5 (the pooled windows), fc5 of this network.", message);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void TheNewLastLayerStartsWithADeviationOf001()
    {
        Train("run", SmallDetection.Options with { FineTuning = SmallDetection.Options.FineTuning with { Iterations = 0 }, Svm = new SvmOptions { Enabled = false }, Boxes = new BoxRegressionOptions { Enabled = false } });
        using Model model = ModelFile.Load(_folder["run/detector.safetensors"], _backend);
        var last = (Linear)model.Network.Root.Children[^1];
        float[] weights = last.Weight.Value.ToArray();
        // Of 256·11 numbers the deviation is known to 1.3 %.
        Assert.Equal(256 * 11, weights.Length);
        Assert.InRange(Math.Sqrt(weights.Average(weight => (double)weight * weight)), 0.95 * 0.01, 1.05 * 0.01);
        Assert.All(last.Bias!.Value.ToArray(), bias => Assert.Equal(0, bias));
    }

    [Fact]
    public void AClassifierIsNoDetector()
    {
        using (Model model = SmallDetection.Network(_backend)) ModelFile.Save(_folder["m.safetensors"], model);
        Assert.Contains("not a detector", Assert.Throws<ModelFormatException>(() => Detector.Load(_folder["m.safetensors"], _backend, new SmallDetection.Grid())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnnotationsOfAnotherSize_AreLeftOut()
    {
        DetectionDataset wrong = new("wrong", Scenes.ClassNames, [.. Scenes.Images.Select((image, i) => i == 1 ? image with { Width = image.Width + 7 } : image)], new SceneImages());
        Train("run", SmallDetection.Options with { FineTuning = SmallDetection.Options.FineTuning with { Iterations = 0 } }, data: wrong);
        string size = $"it has {Scenes.Images[1].Width}x{Scenes.Images[1].Height} pixels, but its annotation speaks of {Scenes.Images[1].Width + 7}x{Scenes.Images[1].Height}";
        Assert.Contains(_warnings.Lines, line => line.Contains(size, StringComparison.Ordinal) && line.StartsWith(Scenes.Images[1].Name, StringComparison.Ordinal));
        using Detector detector = Detector.Load(_folder["run"], _backend, new SmallDetection.Grid());
        _warnings.Lines.Clear();
        Assert.NotEmpty(DetectorTest.Run(detector, wrong, logger: _warnings).Detections);
        Assert.Contains("annotation speaks of other sides", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingToTrainOn_IsRefused() =>
        Assert.Throws<DatasetException>(() => Train("run", SmallDetection.Options, data: new DetectionDataset("empty", [], Scenes.Images.Take(2).Select(i => i with { Objects = [] }).ToList(), new MemoryImages([]))));

    private sealed class SceneImages : IImageSource
    {
        public int Count => Scenes.Images.Count;

        public string NameOf(int index) => Scenes.Images[index].Name;

        public RgbImage Load(int index) => Scenes.Load(index);
    }

    private static Action<DetectorProgress> StopAt(string stage, CancellationTokenSource stop) => value =>
    {
        if (value.Stage == stage) stop.Cancel();
    };
}
