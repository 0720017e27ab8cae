using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Cli.Training;

/// <summary>What the options of a fine-tuning run need to know of its model before a device is opened.</summary>
/// <param name="Description">The network.</param>
/// <param name="Preparation">How images are prepared for it.</param>
/// <param name="InputSize">Side of its crops in pixels.</param>
/// <param name="TakesAnySize">Whether it takes images of any size, with the new head where it gets one.</param>
/// <param name="Head">What is put in place of its end; null for its own.</param>
/// <param name="Kept">The layers that keep their weights, each with what is inside it, in order; empty without a new head.</param>
internal sealed record StartingModel(ModelDescription Description, InputPreparation Preparation, int InputSize, bool TakesAnySize, NewHead? Head, IReadOnlyList<Layer> Kept)
{
    public static StartingModel Read(string path, NewHead? head)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using TrainedModel model = TrainedModel.Load(path, backend);
        if (!ModelHead.IsIn(model.Model)) head ??= new NewHead();
        return head is null
            ? new StartingModel(model.Model.Description, model.Preparation, model.InputSize, model.Model.TakesAnySize, null, [])
            : new StartingModel(model.Model.Description with { Architecture = OnnxImport.Architecture, Options = model.Model.Description.Options with { Pyramid = head.Levels ?? model.Model.Description.Options.Pyramid } },
                model.Preparation, model.InputSize, head.Levels is not null || model.Model.TakesAnySize, head, head.Kept(model.Model));
    }

    /// <summary>The layers that stay as they are while the head and the last so many layers with parameters learn, and the batch normalisations inside those, whose statistics must not follow a few images.</summary>
    public IReadOnlyList<string> Frozen(int unfreeze)
    {
        Layer[] trained = [.. Kept.Where(layer => layer.SelfAndDescendants().Any(inside => inside.Parameters.Count > 0))];
        var frozen = trained.SkipLast(unfreeze).Select(layer => layer.Name).ToList();
        foreach (Layer layer in trained.TakeLast(unfreeze)) Norms(layer, layer.Name, frozen);
        return frozen;
    }

    private static void Norms(Layer layer, string name, List<string> frozen)
    {
        if (layer is BatchNorm) frozen.Add(name);
        foreach (Layer child in layer.Children) Norms(child, $"{name}.{child.Name}", frozen);
    }
}
