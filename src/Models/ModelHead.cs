using System.Text.Json.Nodes;

namespace IlgpuSpp.Models;

/// <summary>The last fully connected layer of a network: its outputs are the classes.</summary>
public static class ModelHead
{
    /// <summary>The layer.</summary>
    /// <param name="model">The network.</param>
    /// <exception cref="NotSupportedException">The network has none.</exception>
    public static Linear Of(Model model) => model.Network.Root.SelfAndDescendants().OfType<Linear>().LastOrDefault()
        ?? throw new NotSupportedException($"{model.Description.Name} has no fully connected last layer that could be replaced.");

    /// <summary>Whether a network ends in a fully connected layer; one that gives features alone does not.</summary>
    /// <param name="model">The network.</param>
    public static bool IsIn(Model model) => model.Network.Root.SelfAndDescendants().OfType<Linear>().Any();

    /// <summary>The same network for other classes: a new last layer, all other parameters copied.</summary>
    /// <param name="source">The network: one of the zoo, or any other whose layers describe themselves.</param>
    /// <param name="classNames">The classes, in the order of the outputs.</param>
    /// <param name="backend">Where the new network runs.</param>
    /// <param name="seed">Seed of the new layer's first values.</param>
    /// <param name="dropout">Rate of the dropout; null for the source's.</param>
    /// <returns>The new network, which is the caller's.</returns>
    /// <exception cref="NotSupportedException">The network has no fully connected last layer, or layers that do not describe themselves.</exception>
    public static Model Replace(Model source, IReadOnlyList<string> classNames, Backend backend, ulong seed, float? dropout = null)
    {
        ModelDescription old = source.Description;
        ModelDescription description = old with
        {
            Options = old.Options with { Classes = classNames.Count, Dropout = dropout ?? old.Options.Dropout },
            ClassNames = [.. classNames],
        };
        Layer layers = Zoo.Contains(old.Architecture)
            ? Zoo.Build(Zoo.Find(old.Architecture), description.Options)
            : WithOutputs(source, classNames.Count, dropout);
        var model = new Model(description, layers, backend, seed, source.Registry);
        try
        {
            CopyParameters(source, model, [.. model.Network.Parameters.Except(Of(model).Parameters)]);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Copies values from the parameters at the same places.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="target">A network of the same layers.</param>
    /// <param name="parameters">The target's parameters to set.</param>
    public static void CopyParameters(Model source, Model target, IReadOnlyList<Parameter> parameters)
    {
        for (int i = 0; i < target.Network.Parameters.Count; i++)
            if (parameters.Contains(target.Network.Parameters[i]))
                target.Network.Parameters[i].Value.Upload(source.Network.Parameters[i].Value.ToArray());
    }

    // The same layers again, without memory, with other options where the number of classes and the dropout stand.
    private static Layer WithOutputs(Model source, int outputs, float? dropout)
    {
        JsonObject copy = LayerDescription.Write(source.Network.Root);
        JsonObject[] nodes = [.. LayerDescription.SelfAndDescendants(copy)];
        JsonObject head = nodes.LastOrDefault(node => LayerDescription.TypeOf(node) == Linear.TypeName) ?? throw new NotSupportedException($"{source.Description.Name} has no fully connected last layer that could be replaced.");
        head[Linear.OutputsKey] = outputs;
        if (dropout is { } rate)
            foreach (JsonObject node in nodes.Where(node => LayerDescription.TypeOf(node) == Dropout.TypeName)) node[Dropout.RateKey] = rate;
        return LayerDescription.Read(copy, source.Registry);
    }
}
