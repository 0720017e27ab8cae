namespace IlgpuSpp.Detection;

/// <summary>What was found in an image and how long it took.</summary>
/// <param name="Boxes">Detections, highest score first.</param>
/// <param name="Times">Where the time went.</param>
public sealed record ImageDetections(IReadOnlyList<ScoredBox> Boxes, DetectionTimes Times);

/// <summary>Where the time of detection goes, in seconds: the rows of the paper's Tables 9 and 10, and what they leave out.</summary>
/// <param name="Reading">Reading and decoding the image.</param>
/// <param name="Proposals">Finding the windows.</param>
/// <param name="Convolutions">The convolutions and the pooling of windows.</param>
/// <param name="FullyConnected">The layers behind the pyramid, scores, suppression and the regression of boxes.</param>
public readonly record struct DetectionTimes(double Reading, double Proposals, double Convolutions, double FullyConnected)
{
    /// <summary>All of it.</summary>
    public double Total => Reading + Proposals + Convolutions + FullyConnected;

    /// <summary>Both together.</summary>
    /// <param name="other">The other times.</param>
    public DetectionTimes Plus(DetectionTimes other) =>
        new(Reading + other.Reading, Proposals + other.Proposals, Convolutions + other.Convolutions, FullyConnected + other.FullyConnected);

    /// <summary>The mean over a number of images; 0 for none.</summary>
    /// <param name="images">The number.</param>
    public DetectionTimes Over(int images) => images == 0 ? default : new(Reading / images, Proposals / images, Convolutions / images, FullyConnected / images);
}
