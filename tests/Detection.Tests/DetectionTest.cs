using IlgpuSpp.Data;
using IlgpuSpp.Engine;
using IlgpuSpp.Models;
using IlgpuSpp.Training;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Tests of small detectors: a folder, a backend and the warnings of each.</summary>
public abstract class DetectionTest : FolderTest
{
    private protected readonly Backend _backend = SmallDetection.Open();
    private protected readonly WarningList _warnings = new();

    protected override void Dispose(bool disposing)
    {
        _backend.Dispose();
        base.Dispose(disposing);
    }

    private protected static DetectionDataset Scenes { get; } = ShapesScenes.Create(10, 2).Train;

    /// <summary>Trains into a folder, from the untrained network, on windows of a grid.</summary>
    private protected string Train(string run, DetectorOptions options, Action<DetectorProgress>? seen = null, DetectionDataset? data = null, CancellationToken cancellation = default)
    {
        using Model start = SmallDetection.Network(_backend);
        return new DetectorTrainer(options, new SmallDetection.Grid(), _warnings, new Watch(seen)).Train(start, SmallDetection.Preparation, data ?? Scenes, _folder[run], cancellation);
    }

    private sealed class Watch(Action<DetectorProgress>? seen) : IProgress<DetectorProgress>
    {
        public void Report(DetectorProgress value) => seen?.Invoke(value);
    }
}
