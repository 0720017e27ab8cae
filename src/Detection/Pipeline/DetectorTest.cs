using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Detection;

/// <summary>What a detector found in a data set.</summary>
/// <param name="Data">The images, with the detector's classes.</param>
/// <param name="Detections">The detections.</param>
/// <param name="Score">How good they are.</param>
/// <param name="Times">The time taken for all images.</param>
/// <param name="Cascade">The objects that the detector's cascade left to be found; null without one.</param>
public sealed record DetectorTestResult(DetectionDataset Data, IReadOnlyList<ScoredBox> Detections, DetectionScore Score, DetectionTimes Times, CascadeRecall? Cascade);

/// <summary>Runs a detector over a data set and scores what it finds.</summary>
public static class DetectorTest
{
    /// <summary>Runs the test. An image that cannot be read counts with nothing found in it.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="data">Images with marked objects; objects of classes that the detector does not know are left out.</param>
    /// <param name="options">How detections are chosen.</param>
    /// <param name="journal">Keeps what is found as the test goes on and knows what an earlier test, that was stopped, found; null for none.</param>
    /// <param name="logger">Receives what had to be left out.</param>
    /// <param name="progress">Receives where the test is.</param>
    /// <param name="cancellation">Stops the test.</param>
    public static DetectorTestResult Run(
        Detector detector, DetectionDataset data, DetectionOptions? options = null, DetectionJournal? journal = null, ILogger? logger = null, IProgress<DetectorProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        logger ??= NullLogger.Instance;
        options ??= new DetectionOptions();
        detector.Proposals.Check([.. data.Images.Select(image => image.Name)]);
        DetectionDataset known = data.WithClasses(detector.ClassNames, logger);
        var found = new List<ScoredBox>();
        DetectionTimes times = default;
        CascadeRecall recall = default;
        for (int i = 0; i < known.Images.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (journal?.Find(i) is not { } own)
            {
                // What could not be read now may be readable when the test goes on.
                ImageDetections? seen = Detect(detector, known, i, options, logger);
                if (seen is not null) journal?.Add(i, seen);
                own = seen ?? new ImageDetections([], default);
            }
            found.AddRange(own.Boxes);
            times = times.Plus(own.Times);
            recall = recall.Plus(own.Recall);
            progress?.Report(new DetectorProgress("test", i + 1, known.Images.Count));
        }
        return new DetectorTestResult(known, found, DetectionScore.Of(known, found), times, detector.HasCascade ? recall : null);
    }

    private static ImageDetections? Detect(Detector detector, DetectionDataset data, int index, DetectionOptions options, ILogger logger)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            RgbImage image = data.Load(index);
            if ((image.Width, image.Height) != (data.Images[index].Width, data.Images[index].Height))
                logger.LogWarning("{Image} has {Width}x{Height} pixels, but its annotation speaks of other sides; its objects may lie elsewhere.", data.Images[index].Name, image.Width, image.Height);
            double reading = clock.Elapsed.TotalSeconds;
            ImageDetections found = detector.Detect(image, options, index, data.Images[index].Name);
            return found with { Times = found.Times with { Reading = reading }, Recall = found.Cascade is null ? default : CascadeRecall.Of(found.Cascade, data.Images[index].Objects) };
        }
        catch (Exception error) when (error is DataFormatException or IOException)
        {
            logger.LogWarning("{Image} cannot be read ({Reason}); nothing is found in it.", data.Images[index].Name, error.Message);
            return null;
        }
    }
}

/// <summary>Where the training of a detector is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Note">What was measured, or nothing.</param>
public sealed record DetectorProgress(string Stage, int Done, int Total, string Note = "");
