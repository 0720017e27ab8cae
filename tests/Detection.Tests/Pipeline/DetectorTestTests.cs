using IlgpuSpp.Models;
using IlgpuSpp.Training;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Detectors in use: several together, and tests that are stopped.</summary>
public sealed class DetectorTestTests : DetectionTest
{
    private static new DetectionDataset Scenes { get; } = ShapesScenes.Create(5, 3).Train;

    private string Train(string run, ulong seed, DetectionDataset? data = null)
    {
        string file = Train(run, SmallDetection.Options with { Seed = seed, FineTuning = SmallDetection.Options.FineTuning with { Iterations = 6 } }, data: data ?? Scenes);
        _warnings.Lines.Clear();
        return file;
    }

    // Two models in one class: the higher score wins wherever boxes overlap by more than 0.3, whichever model it is from.
    [Fact]
    public void Union_ByHand()
    {
        ScoredBox[] first = [new(0, 0, 0.9, Box(0, 0, 9, 9)), new(0, 0, 0.5, Box(20, 0, 29, 9)), new(0, 1, 0.4, Box(0, 0, 9, 9))];
        // Overlaps with the first: 50/150 = 0.33 (dropped), 100/100 (wins), 30/170 = 0.18 (stays), another class (stays).
        ScoredBox[] second = [new(0, 0, 0.8, Box(5, 0, 14, 9)), new(0, 0, 0.6, Box(20, 0, 29, 9)), new(0, 0, 0.3, Box(27, 0, 36, 9)), new(0, 2, 0.2, Box(0, 0, 9, 9))];
        ScoredBox[] union = [.. first, .. second];
        Assert.Equal([0, 4, 5, 2, 6], GreedySuppression.KeepPerClass(union, 0.3));
        Assert.Equal([first[0], second[1], second[2], first[2], second[3]], GreedySuppression.PerClass(union, 0.3));
    }

    [Fact]
    public void SeveralModels_AreSuppressedTogether()
    {
        string one = Train("one", 1), two = Train("two", 2);
        using Detector first = Detector.Load(one, _backend, new SmallDetection.Grid()), second = Detector.Load(two, _backend, new SmallDetection.Grid());
        using Detector both = Detector.Load([one, two], _backend, new SmallDetection.Grid());
        Assert.Equal(2, both.Settings.Count);
        RgbImage image = Scenes.Load(0);
        // No overlap is above 1: all scored windows come back.
        var all = new DetectionOptions { SuppressionOverlap = 1, MostInImage = int.MaxValue, RegressBoxes = false };
        List<ScoredBox> union = [.. first.Detect(image, all).Boxes, .. second.Detect(image, all).Boxes];
        var expected = new List<ScoredBox>();
        foreach (ScoredBox box in union.OrderByDescending(box => box.Score))
            if (!expected.Exists(kept => kept.Label == box.Label && BoxOverlap.IntersectionOverUnion(kept.Box, box.Box) > 0.3))
                expected.Add(box);
        IReadOnlyList<ScoredBox> found = both.Detect(image, new DetectionOptions { MostInImage = int.MaxValue, RegressBoxes = false }).Boxes;
        Assert.Equal(expected.ToHashSet(), found.ToHashSet());
        Assert.NotEqual(first.Detect(image).Boxes, both.Detect(image).Boxes);

        // A model together with itself says what it says alone, moved boxes included.
        using Detector twice = Detector.Load([one, one], _backend, new SmallDetection.Grid());
        Assert.Equal(first.Detect(image).Boxes, twice.Detect(image).Boxes);
        Assert.NotEqual(first.Fingerprint(), twice.Fingerprint());
    }

    [Fact]
    public void ModelsOfOtherClasses_AreRefused()
    {
        string one = Train("one", 1), other = Train("other", 1, Scenes.WithClasses([.. Scenes.ClassNames.Reverse()]));
        string message = Assert.Throws<ModelFormatException>(() => Detector.Load([one, other], _backend, new SmallDetection.Grid())).Message;
        Assert.Contains("other", message, StringComparison.Ordinal);
        Assert.Contains(string.Join(", ", Scenes.ClassNames), message, StringComparison.Ordinal);
    }

    [Fact]
    public void StoppedTests_GoOn()
    {
        string file = Train("run", 1), path = Directory.CreateDirectory(_folder["test"]).FullName;
        using Detector plain = Detector.Load(file, _backend, new SmallDetection.Grid());
        DetectorTestResult expected = DetectorTest.Run(plain, Scenes);
        Assert.NotEmpty(expected.Detections);

        using var stop = new CancellationTokenSource();
        var counting = new CountingGrid(call =>
        {
            if (call == 3) stop.Cancel();
        });
        using Detector counted = Detector.Load(file, _backend, counting);
        var options = new DetectionOptions();
        using (var journal = new DetectionJournal(path, counted, Scenes, options, _warnings))
            Assert.Throws<OperationCanceledException>(() => DetectorTest.Run(counted, Scenes, options, journal, cancellation: stop.Token));
        // As a kill in the middle of a line leaves it.
        string kept = Assert.Single(Directory.GetFiles(path));
        File.AppendAllText(kept, "[3,0.1,0.2");
        using (var journal = new DetectionJournal(path, counted, Scenes, options, _warnings))
        {
            Assert.Equal(3, journal.Count);
            DetectorTestResult result = DetectorTest.Run(counted, Scenes, options, journal);
            Assert.Equal(expected.Detections, result.Detections);
            Assert.True(result.Times.Convolutions > 0);
            Assert.Equal(Scenes.Images.Count, counting.Calls);
        }
        using (var journal = new DetectionJournal(path, counted, Scenes, options, _warnings))
            Assert.Equal(Scenes.Images.Count, journal.Count);
        // Other options ask for other detections, and leave these alone.
        using (var journal = new DetectionJournal(path, counted, Scenes, options with { RegressBoxes = false }, _warnings))
        {
            Assert.Equal(0, journal.Count);
            journal.Remove();
        }
        Assert.Equal([kept], Directory.GetFiles(path));
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void ImagesThatCannotBeRead_AreTriedAgain()
    {
        using Detector detector = Detector.Load(Train("run", 1), _backend, new SmallDetection.Grid());
        DetectorTestResult expected = DetectorTest.Run(detector, Scenes);
        string folder = Directory.CreateDirectory(_folder["test"]).FullName;
        var options = new DetectionOptions();
        var failing = new FailingOnce(Scenes, 2);
        var scenes = new DetectionDataset(Scenes.Name, Scenes.ClassNames, [.. Scenes.Images.Select((image, i) => image with { Source = i })], failing);
        using (var journal = new DetectionJournal(folder, detector, scenes, options))
        {
            DetectorTestResult first = DetectorTest.Run(detector, scenes, options, journal, _warnings);
            Assert.DoesNotContain(first.Detections, box => box.Image == 2);
            Assert.Contains(Scenes.Images[2].Name, Assert.Single(_warnings.Lines), StringComparison.Ordinal);
        }
        using (var journal = new DetectionJournal(folder, detector, scenes, options))
        {
            Assert.Equal(Scenes.Images.Count - 1, journal.Count);
            Assert.Equal(expected.Detections, DetectorTest.Run(detector, scenes, options, journal).Detections);
        }
    }

    [Fact]
    public void JournalsThatCannotBeWritten_CostNoResults()
    {
        using Detector detector = Detector.Load(Train("run", 1), _backend, new SmallDetection.Grid());
        using var journal = new DetectionJournal(_folder["nowhere"], detector, Scenes, new DetectionOptions(), _warnings);
        Assert.NotEmpty(DetectorTest.Run(detector, Scenes, journal: journal).Detections);
        Assert.Contains("nowhere", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    private sealed class FailingOnce(DetectionDataset data, int index) : IImageSource
    {
        private bool _failed;

        public int Count => data.Images.Count;

        public string NameOf(int source) => data.Images[source].Name;

        public RgbImage Load(int source)
        {
            if (source != index || _failed) return data.Load(source);
            _failed = true;
            throw new IOException("the disk is away");
        }
    }

    private sealed class CountingGrid(Action<int> called) : IProposalMethod
    {
        private readonly SmallDetection.Grid _grid = new();

        public string Name => _grid.Name;

        public int Calls { get; private set; }

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
        {
            called(++Calls);
            return _grid.Propose(image, file);
        }
    }
}
