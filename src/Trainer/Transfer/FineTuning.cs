using System.Collections.Immutable;

namespace IlgpuSpp.Training;

/// <summary>What fine-tuning starts from.</summary>
/// <param name="Model">The network with the weights of the model that it comes from; belongs to the receiver.</param>
/// <param name="Preparation">How images were prepared for that model; its normalisation is to be kept.</param>
/// <param name="InputSize">Side in pixels of that model's crops.</param>
/// <param name="NewHead">Name of the layer that starts anew because the classes differ, or null where all weights were kept.</param>
public sealed record FineTuningStart(Model Model, Data.InputPreparation Preparation, int InputSize, string? NewHead);

/// <summary>Starts training from a trained model (as the paper does for detection, section 4.1: a new last layer, all others from the model).</summary>
public static class FineTuning
{
    /// <summary>Builds a network for other classes from a model file.</summary>
    /// <param name="path">The model.</param>
    /// <param name="classNames">The classes to train, in order; with exactly the model's all weights are kept.</param>
    /// <param name="backend">Where the network runs.</param>
    /// <param name="seed">Seed of the new last layer's first values.</param>
    /// <param name="dropout">Dropout on hidden layers; null for the model's.</param>
    /// <param name="head">What is put in place of the network's end; null for its own with a new last layer, or one layer where it has none.</param>
    /// <exception cref="ModelFormatException">The file is damaged or not a model of this program.</exception>
    /// <exception cref="Data.DataFormatException">The file does not say how images are prepared.</exception>
    /// <exception cref="NotSupportedException">The network has no fully connected last layer, or layers of a class that is not the project's own.</exception>
    public static FineTuningStart Start(string path, IReadOnlyList<string> classNames, Backend backend, ulong seed, float? dropout = null, NewHead? head = null)
    {
        using TrainedModel source = TrainedModel.Load(path, backend);
        // A network that gives features only has no last layer to replace.
        if (!ModelHead.IsIn(source.Model)) head ??= new NewHead();
        bool same = head is null && source.Model.Description.ClassNames.SequenceEqual(classNames);
        Model model = head is null ? ModelHead.Replace(source.Model, classNames, backend, seed, dropout) : (dropout is { } rate ? head with { Dropout = rate } : head).Attach(source.Model, classNames, backend, seed);
        try
        {
            // What the file says of its images is said anew when the new model is saved.
            ImmutableSortedDictionary<string, string> facts = source.Model.Description.Facts;
            model.Description = model.Description with { Facts = facts.RemoveRange(facts.Keys.Where(key => !key.StartsWith(ModelDescription.PretrainedFacts, StringComparison.Ordinal))) };
            Linear last = ModelHead.Of(model);
            if (same) ModelHead.CopyParameters(source.Model, model, last.Parameters);
            return new FineTuningStart(model, source.Preparation, source.InputSize, same ? null : last.Name);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
