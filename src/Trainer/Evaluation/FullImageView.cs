namespace IlgpuSpp.Training;

/// <summary>The paper's full-image view (section 3.1.4): the whole image, resized to a minimum side, at its own aspect ratio.</summary>
/// <param name="minimumSide">The minimum side in pixels; null for the one of the training.</param>
public sealed class FullImageView(int? minimumSide = null) : IEvaluationView
{
    /// <inheritdoc/>
    public string Name => "full";

    internal int? MinimumSide => minimumSide;

    /// <inheritdoc/>
    public void Check(TrainedModel model)
    {
        if (!model.Model.TakesAnySize)
            throw new ArgumentException($"{model.Model.Description.Name} without a pyramid takes one input size only; use the crop view.");
        int side = minimumSide ?? model.FullImageSide;
        model.Model.CheckInput(side, side);
    }

    IEnumerable<ScoredBatch> IEvaluationView.Score(EvaluationContext context)
    {
        InputPreparation preparation = context.Model.Preparation;
        int side = minimumSide ?? context.Model.FullImageSide;
        PreparedImages images = context.Images(preparation with { MinSide = side, CropSize = Math.Min(preparation.CropSize, side) });
        foreach (Batch batch in new FullImageBatches(images, context.Options.Loading, cancellation: context.Cancellation))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            InferencePass rented = context.Passes.Rent(batch.Shape);
            try
            {
                rented.Pass.Input.Upload(batch.Images);
                rented.Pass.Forward();
                yield return new ScoredBatch(batch.Indices.ToArray(), rented.Pass.Output);
            }
            finally
            {
                context.Passes.Return(rented.Pass.Input.Shape, rented);
            }
        }
        context.NoteFailures(images);
    }
}
