using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Detection.Tests.Pipeline;

/// <summary>Detectors as programs use them.</summary>
public sealed class FindTests : DetectionTest
{
    [Fact]
    public async Task One_answer_from_any_source_and_any_number_of_callers()
    {
        string file = Train("run", SmallDetection.EndToEnd);
        var grid = new SmallDetection.Grid();
        using Detector detector = Detector.Load(file, _backend, grid);
        RgbImage[] images = [.. Enumerable.Range(0, 4).Select(Scenes.Load)];
        const double Threshold = 0.05;
        FoundObject[][] alone = [.. images.Select(image => detector.Find(image, Threshold).ToArray())];
        Assert.All(alone, Assert.NotEmpty);
        for (int i = 0; i < images.Length; i++) ImageWriter.WritePng(_folder[$"{i}.png"], images[i]);

        // What tests find, named.
        Assert.Equal(
            detector.Detect(images[0], new DetectionOptions { MinimumScore = Threshold }).Boxes.Select(box => (Scenes.ClassNames[box.Label], box.Label, box.Score, box.Box)),
            alone[0].Select(found => (found.ClassName, found.Label, found.Score, found.Box)));
        Assert.All(alone[0], found => Assert.Equal(found.Score, found.Probability));

        using (Detector bytes = Detector.Load(File.ReadAllBytes(file), _backend, grid))
        using (Detector stream = Detector.Load(new MemoryStream(File.ReadAllBytes(file)), _backend, grid))
        {
            Assert.Equal(alone[0], bytes.Find(_folder["0.png"], Threshold));
            Assert.Equal(alone[0], stream.Find(File.ReadAllBytes(_folder["0.png"]), Threshold));
            Assert.True(Detector.IsIn(File.ReadAllBytes(file)));
            Assert.Throws<InvalidOperationException>(() => bytes.Fingerprint());
        }
        IReadOnlyList<FoundObject>[] together = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => detector.FindAsync(_folder[$"{i % 4}.png"], Threshold)));
        for (int i = 0; i < together.Length; i++) Assert.Equal(alone[i % 4], together[i]);
        var threads = Enumerable.Range(0, 12).Select(i => Task.Factory.StartNew(() => detector.Find(images[i % 4], Threshold), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (int i = 0; i < threads.Length; i++) Assert.Equal(alone[i % 4], await threads[i]);

        using var cancelled = new CancellationTokenSource();
        using Detector stopped = Detector.Load(file, _backend, new Stopping(cancelled.Cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.FindAsync(images[0], cancellation: cancelled.Token));
        await Assert.ThrowsAsync<DataFormatException>(() => detector.FindAsync("words"u8.ToArray()));
    }

    [Fact]
    public void Without_a_method_that_of_its_training_is_used()
    {
        string file = Train("run", SmallDetection.Options);
        Assert.Contains("proposals.json: there is no such file", Assert.Throws<DataFormatException>(() => Detector.Load(file, _backend)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["run/proposals.json"], """{"Method":"fast","Most":50,"MinimumSide":20}""");
        using Detector detector = Detector.Load(_folder["run"], _backend);
        Assert.IsType<SelectiveSearch>(detector.Proposals);
    }

    // Cancels while the windows are searched.
    private sealed class Stopping(Action stop) : IProposalMethod
    {
        public string Name => "stopping";

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
        {
            stop();
            return new SmallDetection.Grid().Propose(image, file);
        }
    }
}
