using System.Globalization;
using System.Text.Json.Nodes;

namespace IlgpuSpp.Models;

/// <summary>What became of one layer.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Rank">The rank.</param>
/// <param name="Before">Multiply-adds of a row before.</param>
/// <param name="After">And after.</param>
/// <param name="RelativeError">‖W − W′‖ / ‖W‖ in the Frobenius norm, or the same of the layer's responses about their mean where factors were chosen by these.</param>
public sealed record CompressedLayer(string Layer, int Rank, long Before, long After, double RelativeError);

/// <summary>
/// Fully connected layers as two thinner ones, which makes the many windows of detection cheaper (Girshick, "Fast R-CNN", 2015, section 3.1): a layer of u outputs and v inputs takes
/// t·(u + v) multiply-adds instead of u·v.
/// </summary>
public static class LinearCompression
{
    /// <summary>Behind a layer's name: the layer in front of it that reduces its inputs to the rank.</summary>
    public const string ReducedSuffix = "_reduced";

    private const string ArchitectureSuffix = "-compressed";

    /// <summary>The layers of a compressed network, without memory or weights.</summary>
    /// <param name="root">The network's layers.</param>
    /// <param name="ranks">Which layers, and how far.</param>
    /// <exception cref="UnknownLayerException">There is no fully connected layer of a name in a chain.</exception>
    /// <exception cref="OptionsException">A rank saves nothing, or a layer is named twice.</exception>
    /// <exception cref="NotSupportedException">A layer does not describe itself.</exception>
    public static Layer LayersOf(Layer root, IReadOnlyList<LayerRank> ranks) => LayersOf(root, ranks, LayerRegistry.BuiltIn);

    private static Layer LayersOf(Layer root, IReadOnlyList<LayerRank> ranks, LayerRegistry registry)
    {
        Linear[] all = [.. root.SelfAndDescendants().OfType<Sequential>().SelectMany(chain => chain.Children).OfType<Linear>()];
        foreach (LayerRank wanted in ranks)
        {
            Linear layer = Array.Find(all, layer => layer.Name == wanted.Layer) ?? throw new UnknownLayerException(wanted.Layer, [.. all.Select(layer => layer.Name)]);
            long before = (long)layer.InFeatures * layer.OutFeatures, perRank = (long)layer.InFeatures + layer.OutFeatures;
            if (wanted.Rank < 1 || wanted.Rank * perRank >= before)
                throw new OptionsException("Ranks", string.Create(CultureInfo.InvariantCulture, $"must be from 1 to {(before - 1) / perRank} to make {wanted.Layer} of {layer.InFeatures} inputs and {layer.OutFeatures} outputs cheaper, not {wanted.Rank}"));
            if (ranks.Count(other => other.Layer == wanted.Layer) > 1) throw new OptionsException("Ranks", $"must name each layer once, but {wanted.Layer} is there twice");
        }
        return WithRanks(root, ranks, registry);
    }

    /// <summary>Compresses a network.</summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="ranks">Which layers, and how far.</param>
    /// <param name="responses">What the layers answer to inputs such as they will meet; factors of those that are here are chosen by it, of the others by the weights alone.</param>
    /// <param name="seed">Seed of the random sketches.</param>
    /// <param name="progress">Receives every layer that is done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The compressed network, which is the caller's.</returns>
    /// <exception cref="UnknownLayerException">There is no fully connected layer of a name.</exception>
    /// <exception cref="OptionsException">A rank saves nothing, or a layer is named twice.</exception>
    /// <exception cref="NotSupportedException">A layer does not describe itself.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Model Compress(Model model, IReadOnlyList<LayerRank> ranks, IReadOnlyList<LayerResponses>? responses = null, ulong seed = 1, IProgress<CompressedLayer>? progress = null, CancellationToken cancellation = default)
    {
        Layer layers = LayersOf(model.Network.Root, ranks, model.Registry);
        string name = model.Description.Architecture;
        var compressed = new Model(
            model.Description with { Architecture = Zoo.Contains(name) ? name + ArchitectureSuffix : name }, layers, model.Backend, seed, model.Registry);
        try
        {
            Dictionary<string, Parameter> old = model.Network.Parameters.ToDictionary(parameter => parameter.FullName, StringComparer.Ordinal);
            Dictionary<string, Parameter> own = compressed.Network.Parameters.ToDictionary(parameter => parameter.FullName, StringComparer.Ordinal);
            foreach ((string full, Parameter parameter) in own)
                if (old.TryGetValue(full, out Parameter? source) && source.Shape == parameter.Shape)
                    parameter.Value.Upload(source.Value.ToArray());
            foreach (Linear layer in model.Network.Root.SelfAndDescendants().OfType<Linear>())
            {
                if (ranks.FirstOrDefault(wanted => wanted.Layer == layer.Name) is not { } wanted) continue;
                LayerResponses? given = responses?.FirstOrDefault(some => some.Layer == layer.Name && some.Count > 0);
                LowRankFactors factors = given is null
                    ? LowRankFactors.Of(layer.Weight.Value, wanted.Rank, seed, cancellation)
                    : LowRankFactors.ByResponses(layer.Weight.Value, given, wanted.Rank, seed, cancellation);
                string prefix = layer.Weight.FullName[..^(layer.Weight.Name.Length + 1)];
                own[$"{prefix}.{layer.Weight.Name}"].Value.Upload(factors.Left);
                own[$"{prefix}{ReducedSuffix}.{layer.Weight.Name}"].Value.Upload(factors.Right);
                if (given is not null && layer.Bias is { } bias) own[$"{prefix}.{bias.Name}"].Value.Upload(factors.Bias(bias.Value.ToArray(), given.Mean()));
                progress?.Report(new CompressedLayer(layer.Name, wanted.Rank, (long)layer.InFeatures * layer.OutFeatures, (long)wanted.Rank * (layer.InFeatures + layer.OutFeatures), factors.RelativeError));
            }
            return compressed;
        }
        catch
        {
            compressed.Dispose();
            throw;
        }
    }

    // The same layers again, without memory, the named ones cut in two.
    private static Layer WithRanks(Layer root, IReadOnlyList<LayerRank> ranks, LayerRegistry registry)
    {
        JsonObject copy = LayerDescription.Write(root);
        foreach (JsonArray chain in LayerDescription.SelfAndDescendants(copy).Where(node => LayerDescription.TypeOf(node) == Sequential.TypeName).Select(node => node[Sequential.LayersKey]).OfType<JsonArray>().ToArray())
        {
            for (int i = 0; i < chain.Count; i++)
            {
                if (chain[i] is not JsonObject node || LayerDescription.TypeOf(node) != Linear.TypeName || ranks.FirstOrDefault(wanted => wanted.Layer == (string?)node[LayerDescription.NameKey]) is not { } wanted) continue;
                var reduced = (JsonObject)node.DeepClone();
                (reduced[LayerDescription.NameKey], reduced[Linear.OutputsKey], reduced[Linear.BiasKey]) = (wanted.Layer + ReducedSuffix, wanted.Rank, false);
                if (node[LayerDescription.RatesKey] is JsonArray rates) reduced[LayerDescription.RatesKey] = new JsonArray(rates[0]!.DeepClone());
                node[Linear.InputsKey] = wanted.Rank;
                chain.Insert(i++, reduced);
            }
        }
        return LayerDescription.Read(copy, registry);
    }
}

/// <summary>The rank that a fully connected layer is reduced to.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Rank">The rank, at least 1.</param>
public sealed record LayerRank(string Layer, int Rank);
