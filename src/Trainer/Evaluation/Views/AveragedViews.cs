using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>Several views of every image, whose softmax scores are averaged.</summary>
public abstract class AveragedViews : IEvaluationView
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract void Check(TrainedModel model);

    /// <summary>Makes what scores single images.</summary>
    /// <param name="model">The model; not disposed with the scorer.</param>
    /// <exception cref="ArgumentException">The views do not suit the network.</exception>
    public abstract IImageScorer Open(TrainedModel model);

    /// <inheritdoc/>
    public IEnumerable<ScoredBatch> Score(EvaluationContext context)
    {
        using IImageScorer scorer = Open(context.Model);
        using Tensor probabilities = context.Model.Model.Backend.Allocate(new Shape(1, context.Model.Model.Classes));
        foreach (DecodedImage decoded in DecodedImages.Of(context))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            probabilities.Upload(scorer.Score(decoded.Image));
            yield return new ScoredBatch(new[] { decoded.Index }, probabilities, AreProbabilities: true);
        }
    }
}
