namespace IlgpuSpp.Training;

/// <summary>The paper's single view: the centre crop of the image resized to the minimum side.</summary>
public sealed class CentreCropView : IEvaluationView
{
    /// <inheritdoc/>
    public string Name => "crop";

    /// <inheritdoc/>
    public void Check(TrainedModel model) => model.Model.CheckInput(model.InputSize, model.InputSize);

    /// <inheritdoc/>
    public IEnumerable<ScoredBatch> Score(EvaluationContext context)
    {
        EvaluatorOptions options = context.Options;
        TrainedModel model = context.Model;
        PreparedImages images = context.Images(model.Preparation);
        int rows = Math.Min(options.BatchSize, context.Data.Count);
        using var loader = new BatchLoader(images, new CropView(model.Preparation), new LoaderOptions
        {
            BatchSize = rows,
            Threads = options.EffectiveThreads,
            Shuffle = false,
            LastBatch = LastBatch.Pad,
            Undecodable = UndecodablePolicy.Mask,
            MaxUndecodableShare = options.MaxUndecodableShare,
        });
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
