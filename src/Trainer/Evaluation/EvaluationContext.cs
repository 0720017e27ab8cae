using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>What a view needs to score the images of a data set.</summary>
internal sealed class EvaluationContext
{
    private readonly Dictionary<InputPreparation, PreparedImages> _images;
    private readonly SortedSet<string> _undecodable = new(StringComparer.Ordinal);
    private readonly ILogger? _logger;

    internal EvaluationContext(TrainedModel model, ImageDataset data, EvaluatorOptions options, PassCache<InferencePass> passes, Dictionary<InputPreparation, PreparedImages> images, ILogger? logger, CancellationToken cancellation)
    {
        (Model, Data, Options, Passes, Cancellation) = (model, data, options, passes, cancellation);
        (_images, _logger) = (images, logger);
    }

    /// <summary>The model.</summary>
    public TrainedModel Model { get; }

    /// <summary>The images, with labels of the model's classes.</summary>
    public ImageDataset Data { get; }

    /// <summary>Batch size and loading.</summary>
    public EvaluatorOptions Options { get; }

    /// <summary>Passes of any input shape, kept from one measurement to the next.</summary>
    public PassCache<InferencePass> Passes { get; }

    /// <summary>Stops the measurement.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Names of the images that could not be decoded.</summary>
    public IReadOnlyList<string> Undecodable => [.. _undecodable];

    /// <summary>The data's images, resized in one way and kept from one measurement to the next.</summary>
    /// <param name="preparation">How they are resized.</param>
    public PreparedImages Images(InputPreparation preparation)
    {
        if (!_images.TryGetValue(preparation, out PreparedImages? images))
            _images.Add(preparation, images = new PreparedImages(Data, preparation, Options.CacheBytes, _logger));
        return images;
    }

    /// <summary>Takes note of the images that turned out undecodable.</summary>
    /// <param name="images">Prepared images after their last use.</param>
    public void NoteFailures(PreparedImages images)
    {
        foreach (ImageFailure failure in images.Failures) _undecodable.Add(failure.Name);
    }

    /// <summary>Takes note of an image that turned out undecodable and warns of it.</summary>
    /// <param name="failure">The image.</param>
    public void NoteFailure(ImageFailure failure)
    {
        if (_undecodable.Add(failure.Name)) _logger?.LogWarning("{Image} is skipped: {Reason}", failure.Name, failure.Reason);
    }
}
