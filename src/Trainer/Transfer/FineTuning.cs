using IlgpuSpp.Engine;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>What fine-tuning starts from.</summary>
/// <param name="Model">The network with the weights of the model that it comes from; belongs to the receiver.</param>
/// <param name="Preparation">How images were prepared for that model; its normalisation is to be kept.</param>
/// <param name="InputSize">Side in pixels of that model's crops.</param>
/// <param name="NewHead">Name of the layer that starts anew because the classes differ, or null where all weights were kept.</param>
public sealed record FineTuningStart(Model Model, Data.InputPreparation Preparation, int InputSize, string? NewHead);

/// <summary>Starts training from a trained model (the paper, section 4.2: a new last layer, all others from the model).</summary>
public static class FineTuning
{
    /// <summary>Builds a network for other classes from a model file.</summary>
    /// <param name="path">The model.</param>
    /// <param name="classNames">The classes to train, in order; with exactly the model's all weights are kept.</param>
    /// <param name="backend">Where the network runs.</param>
    /// <param name="seed">Seed of the new last layer's first values.</param>
    /// <param name="dropout">Dropout on hidden layers; null for the model's.</param>
    /// <exception cref="ModelFormatException">The file is damaged or not a model of this program.</exception>
    /// <exception cref="Data.DataFormatException">The file does not say how images are prepared.</exception>
    /// <exception cref="UnknownModelException">The model is not a network of the zoo.</exception>
    public static FineTuningStart Start(string path, IReadOnlyList<string> classNames, IBackend backend, ulong seed, float? dropout = null)
    {
        using TrainedModel source = TrainedModel.Load(path, backend);
        ModelDescription description = source.Model.Description;
        bool same = description.ClassNames.SequenceEqual(classNames);
        Model model = Zoo.Create(description.Architecture, description.Options with { Classes = classNames.Count, Dropout = dropout ?? description.Options.Dropout }, backend, seed);
        try
        {
            Layer head = model.Network.Root.SelfAndDescendants().LastOrDefault(layer => layer is Linear)
                ?? throw new NotSupportedException($"{description.Architecture} has no fully connected last layer that could be replaced.");
            for (int i = 0; i < model.Network.Parameters.Count; i++)
            {
                Parameter target = model.Network.Parameters[i];
                if (same || !head.Parameters.Contains(target)) target.Value.Upload(source.Model.Network.Parameters[i].Value.ToArray());
            }
            model.Description = model.Description with { ClassNames = [.. classNames] };
            return new FineTuningStart(model, source.Preparation, source.InputSize, same ? null : head.Name);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
