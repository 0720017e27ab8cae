namespace IlgpuSpp.Training;

/// <summary>The paper's single view: the centre crop of the image resized to the minimum side.</summary>
public sealed class CentreCropView : IEvaluationView
{
    /// <inheritdoc/>
    public string Name => "crop";

    /// <inheritdoc/>
    public void Check(TrainedModel model) => model.Model.CheckInput(model.InputSize, model.InputSize);

    IEnumerable<ScoredBatch> IEvaluationView.Score(EvaluationContext context)
    {
        TrainedModel model = context.Model;
        PreparedImages images = context.Images(model.Preparation);
        int rows = Math.Min(context.Options.BatchSize, context.Data.Count);
        using var loader = new BatchLoader(images, new CropView(model.Preparation), context.Options.Loading with { BatchSize = rows });
        InferencePass rented = context.Passes.Rent(new Shape(rows, model.InputSize, model.InputSize, 3));
        try
        {
            var samples = new int[rows];
            foreach (Batch batch in loader.Epoch(0, model.InputSize, cancellation: context.Cancellation))
            {
                rented.Pass.Input.Upload(batch.Images);
                for (int i = 0; i < rows; i++) samples[i] = batch.Labels[i] < 0 ? -1 : batch.Indices[i];
                rented.Pass.Forward();
                yield return new ScoredBatch(samples, rented.Pass.Output);
            }
        }
        finally
        {
            context.Passes.Return(rented.Pass.Input.Shape, rented);
            context.NoteFailures(images);
        }
    }
}
