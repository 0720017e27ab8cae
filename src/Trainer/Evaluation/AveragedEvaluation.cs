namespace IlgpuSpp.Training;

/// <summary>Measures a model with several views of every image, whose softmax scores are averaged.</summary>
/// <param name="views">The views.</param>
public sealed class AveragedEvaluation(AveragedViews views) : IEvaluationView
{
    /// <summary>The views.</summary>
    public AveragedViews Views { get; } = views;

    /// <inheritdoc/>
    public string Name => Views.Name;

    /// <inheritdoc/>
    public void Check(TrainedModel model) => Views.Check(model);

    IEnumerable<ScoredBatch> IEvaluationView.Score(EvaluationContext context)
    {
        using IImageScorer scorer = Views.Open(context.Model);
        using Tensor probabilities = context.Model.Model.Backend.Allocate(new Shape(1, context.Model.Model.Classes));
        foreach (DecodedImage decoded in DecodedImages.Of(context))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            probabilities.Upload(scorer.Score(decoded.Image));
            yield return new ScoredBatch(new[] { decoded.Index }, probabilities, AreProbabilities: true);
        }
    }
}
