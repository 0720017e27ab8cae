using IlgpuSpp.Models;
using IlgpuSpp.Training;

namespace IlgpuSpp.Detection.Tests;

/// <summary>A compressed head in front of the whole one: which windows go on, what is found, how many objects are left.</summary>
public sealed class WindowCascadeTests : DetectionTest
{
    private const double Share = 0.2;

    private static new DetectionDataset Scenes { get; } = ShapesScenes.Create(5, 3).Train;

    private string Trained { get; }

    private string Compressed { get; }

    public WindowCascadeTests()
    {
        Trained = Train("run", SmallDetection.Options with { FineTuning = SmallDetection.Options.FineTuning with { Iterations = 6 } }, data: Scenes);
        Compressed = _folder["small.safetensors"];
        using Model model = ModelFile.Load(Trained, _backend), small = LinearCompression.Compress(model, new CompressionPlan([new LayerRank("fc5", 60)], ["fc5"]));
        ModelFile.Save(Compressed, small, ModelFile.ReadOthers(Trained, model));
    }

    [Theory]
    [InlineData(WindowScoring.Svm)]
    [InlineData(WindowScoring.Softmax)]
    public void The_windows_that_the_first_head_scores_highest_go_on(WindowScoring scoring)
    {
        using Detector first = Open(Compressed), whole = Open(Trained), cascade = Open(Trained, new WindowCascade(Compressed, Share));
        Assert.True(cascade.HasCascade && !whole.HasCascade);
        // No overlap is above 1: all scored windows come back.
        var all = new DetectionOptions { Scoring = scoring, SuppressionOverlap = 1, MostInImage = int.MaxValue, RegressBoxes = false, MinimumScore = -1e9 };
        foreach (int image in Enumerable.Range(0, Scenes.Images.Count))
        {
            ImageDetections found = cascade.Detect(Scenes.Load(image), all);
            CascadeWindows windows = found.Cascade!;
            PixelBox[] highest = [.. first.Detect(Scenes.Load(image), all).Boxes.GroupBy(box => box.Box).OrderByDescending(own => own.Max(box => box.Score)).Select(own => own.Key)];
            int kept = (int)Math.Ceiling(Share * windows.All.Count);
            Assert.Equal(windows.All.ToHashSet(), highest.ToHashSet());
            Assert.Equal(highest[..kept].ToHashSet(), windows.Kept.ToHashSet());
            Assert.Equal(kept, windows.Kept.Count);
            // What goes on is scored as without a cascade.
            Assert.Equal(whole.Detect(Scenes.Load(image), all).Boxes.Where(box => windows.Kept.Contains(box.Box)).ToHashSet(), found.Boxes.ToHashSet());
        }
    }

    [Fact]
    public void A_test_tells_how_many_objects_are_left_also_when_it_goes_on()
    {
        using Detector whole = Open(Trained), cascade = Open(Trained, new WindowCascade(Compressed, Share));
        Assert.NotEqual(whole.Fingerprint(), cascade.Fingerprint());
        Assert.Null(DetectorTest.Run(whole, Scenes).Cascade);
        DetectorTestResult expected = DetectorTest.Run(cascade, Scenes);
        int objects = 0, byAll = 0, byKept = 0;
        for (int i = 0; i < Scenes.Images.Count; i++)
        {
            CascadeWindows windows = cascade.Detect(Scenes.Load(i)).Cascade!;
            foreach (AnnotatedObject item in Scenes.Images[i].Objects)
            {
                objects++;
                if (windows.All.Max(box => BoxOverlap.IntersectionOverUnion(box, item.Box)) >= 0.5) byAll++;
                if (windows.Kept.Max(box => BoxOverlap.IntersectionOverUnion(box, item.Box)) >= 0.5) byKept++;
            }
        }
        Assert.Equal(new CascadeRecall(objects, byAll, byKept), expected.Cascade);
        Assert.InRange(byKept, 1, byAll);

        using var stop = new CancellationTokenSource();
        var options = new DetectionOptions();
        string path = Directory.CreateDirectory(_folder["test"]).FullName;
        using (var journal = new DetectionJournal(path, cascade, Scenes, options))
            Assert.ThrowsAny<OperationCanceledException>(() => DetectorTest.Run(cascade, Scenes, options, journal, progress: new StopAfter(2, stop), cancellation: stop.Token));
        using var goesOn = new DetectionJournal(path, cascade, Scenes, options);
        Assert.Equal(2, goesOn.Count);
        Assert.Equal(expected.Cascade, DetectorTest.Run(cascade, Scenes, options, goesOn).Cascade);
    }

    [Fact]
    public void Heads_of_other_networks_shares_of_nothing_and_several_detectors_are_refused()
    {
        string other = Train("other", SmallDetection.Options with { Seed = 2, FineTuning = SmallDetection.Options.FineTuning with { Iterations = 6 } }, data: Scenes.WithClasses([.. Scenes.ClassNames.Reverse()]));
        Assert.Contains("models compress", Assert.Throws<ModelFormatException>(() => Open(Trained, new WindowCascade(other, Share))).Message, StringComparison.Ordinal);
        foreach (double share in (double[])[0, 1, -1, double.NaN]) Assert.Equal("Share", Assert.Throws<OptionsException>(() => Open(Trained, new WindowCascade(Compressed, share))).Option);
        Assert.Throws<OptionsException>(() => Detector.Load([Trained, Trained], _backend, new SmallDetection.Grid(), new WindowCascade(Compressed, Share)));
    }

    private Detector Open(string path, WindowCascade? cascade = null) => Detector.Load([path], _backend, new SmallDetection.Grid(), cascade);

    private sealed class StopAfter(int images, CancellationTokenSource stop) : IProgress<DetectorProgress>
    {
        public void Report(DetectorProgress value)
        {
            if (value.Done == images) stop.Cancel();
        }
    }
}
