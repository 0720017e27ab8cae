using System.Globalization;
using System.Text.Json.Nodes;

namespace IlgpuSpp.Models;

/// <summary>What fully connected layers are made of.</summary>
/// <param name="Ranks">Layers to cut in two, and how far.</param>
/// <param name="Int8">Layers whose weights become 8-bit numbers; of a layer that is cut in two both parts.</param>
public sealed record CompressionPlan(IReadOnlyList<LayerRank> Ranks, IReadOnlyList<string> Int8);

/// <summary>What became of one layer.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Rank">The rank; 0 where the layer was not cut in two.</param>
/// <param name="Int8">Whether its weights are 8-bit numbers now.</param>
/// <param name="Before">Multiply-adds of a row before.</param>
/// <param name="After">And after.</param>
/// <param name="RelativeError">‖W − W′‖ / ‖W‖ in the Frobenius norm, or the same of the layer's responses about their mean where factors were chosen by these.</param>
public sealed record CompressedLayer(string Layer, int Rank, bool Int8, long Before, long After, double RelativeError);

/// <summary>
/// Fully connected layers as two thinner ones, which makes the many windows of detection cheaper (Girshick, "Fast R-CNN", 2015, section 3.1): a layer of u outputs and v inputs takes
/// t·(u + v) multiply-adds instead of u·v; and layers with 8-bit weights (<see cref="Linear.Int8"/>), a quarter of the bytes, multiplied in about half the time.
/// </summary>
public static class LinearCompression
{
    /// <summary>Behind a layer's name: the layer in front of it that reduces its inputs to the rank.</summary>
    public const string ReducedSuffix = "_reduced";

    private const string ArchitectureSuffix = "-compressed";

    /// <summary>The layers of a compressed network, without memory or weights.</summary>
    /// <param name="root">The network's layers.</param>
    /// <param name="plan">Which layers, and how.</param>
    /// <exception cref="UnknownLayerException">There is no fully connected layer of a name in a chain.</exception>
    /// <exception cref="OptionsException">A rank saves nothing, a layer is named twice, or is made of 8-bit numbers already.</exception>
    /// <exception cref="NotSupportedException">A layer does not describe itself.</exception>
    public static Layer LayersOf(Layer root, CompressionPlan plan) => LayersOf(root, plan, LayerRegistry.BuiltIn);

    /// <summary>The largest rank that makes a layer cheaper: t·(u + v) below u·v.</summary>
    /// <param name="root">The network's layers.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <exception cref="UnknownLayerException">There is no fully connected layer of the name in a chain.</exception>
    public static int LargestRank(Layer root, string layer) => LargestRank(Find(InChains(root), layer));

    private static int LargestRank(Linear layer) => (int)(((long)layer.InFeatures * layer.OutFeatures - 1) / ((long)layer.InFeatures + layer.OutFeatures));

    private static Linear[] InChains(Layer root) => [.. root.SelfAndDescendants().OfType<Sequential>().SelectMany(chain => chain.Children).OfType<Linear>()];

    private static Linear Find(Linear[] all, string name) => Array.Find(all, layer => layer.Name == name) ?? throw new UnknownLayerException(name, [.. all.Select(layer => layer.Name)]);

    private static Layer LayersOf(Layer root, CompressionPlan plan, LayerRegistry registry)
    {
        Linear[] all = InChains(root);
        foreach ((string option, string name) in plan.Ranks.Select(wanted => (nameof(plan.Ranks), wanted.Layer)).Concat(plan.Int8.Select(name => (nameof(plan.Int8), name))))
        {
            Linear layer = Find(all, name);
            if (layer.Int8) throw new OptionsException(option, $"must name layers of 32-bit numbers, but the weights of {name} are 8-bit ones already; compress the network that it was made from");
            if (option == nameof(plan.Int8) && layer.InFeatures > PackedInt8.MostInputs) throw new OptionsException(option, $"must name layers of at most {PackedInt8.MostInputs} inputs, but {name} has {layer.InFeatures}");
        }
        foreach (LayerRank wanted in plan.Ranks)
        {
            Linear layer = Find(all, wanted.Layer);
            if (wanted.Rank < 1 || wanted.Rank > LargestRank(layer))
                throw new OptionsException(nameof(plan.Ranks), string.Create(CultureInfo.InvariantCulture, $"must be from 1 to {LargestRank(layer)} to make {wanted.Layer} of {layer.InFeatures} inputs and {layer.OutFeatures} outputs cheaper, not {wanted.Rank}"));
            if (plan.Ranks.Count(other => other.Layer == wanted.Layer) > 1) throw new OptionsException(nameof(plan.Ranks), $"must name each layer once, but {wanted.Layer} is there twice");
        }
        return Compressed(root, plan, registry);
    }

    /// <summary>Compresses a network.</summary>
    /// <param name="model">The network; not changed.</param>
    /// <param name="plan">Which layers, and how.</param>
    /// <param name="responses">What the layers answer to inputs such as they will meet; factors of those that are here are chosen by it, of the others by the weights alone.</param>
    /// <param name="seed">Seed of the random sketches.</param>
    /// <param name="progress">Receives every layer that is done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The compressed network, which is the caller's.</returns>
    /// <exception cref="UnknownLayerException">There is no fully connected layer of a name.</exception>
    /// <exception cref="OptionsException">A rank saves nothing, a layer is named twice, or is made of 8-bit numbers already.</exception>
    /// <exception cref="NotSupportedException">A layer does not describe itself.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Model Compress(Model model, CompressionPlan plan, IReadOnlyList<LayerResponses>? responses = null, ulong seed = 1, IProgress<CompressedLayer>? progress = null, CancellationToken cancellation = default)
    {
        Layer layers = LayersOf(model.Network.Root, plan, model.Registry);
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
                int rank = plan.Ranks.FirstOrDefault(wanted => wanted.Layer == layer.Name)?.Rank ?? 0;
                bool int8 = plan.Int8.Contains(layer.Name);
                if (rank == 0 && !int8) continue;
                string prefix = layer.Weight.FullName[..^(layer.Weight.Name.Length + 1)];
                Parameter weight = own[$"{prefix}.{layer.Weight.Name}"];
                long before = (long)layer.InFeatures * layer.OutFeatures, after = before;
                double error = 0;
                if (rank > 0)
                {
                    LayerResponses? given = responses?.FirstOrDefault(some => some.Layer == layer.Name && some.Count > 0);
                    LowRankFactors factors = given is null
                        ? LowRankFactors.Of(layer.Weight.Value, rank, seed, cancellation)
                        : LowRankFactors.ByResponses(layer.Weight.Value, given, rank, seed, cancellation);
                    weight.Value.Upload(factors.Left);
                    Parameter reduced = own[$"{prefix}{ReducedSuffix}.{layer.Weight.Name}"];
                    reduced.Value.Upload(factors.Right);
                    if (int8) RoundTo8Bits(reduced);
                    if (given is not null && layer.Bias is { } bias) own[$"{prefix}.{bias.Name}"].Value.Upload(factors.Bias(bias.Value.ToArray(), given.Mean()));
                    (after, error) = ((long)rank * (layer.InFeatures + layer.OutFeatures), factors.RelativeError);
                }
                double rounded = int8 ? RoundTo8Bits(weight) : 0;
                progress?.Report(new CompressedLayer(layer.Name, rank, int8, before, after, rank > 0 ? error : rounded));
            }
            return compressed;
        }
        catch
        {
            compressed.Dispose();
            throw;
        }
    }

    // What inference would round is rounded here, so that every device and the file have the same weights. Returns ‖W − W′‖ / ‖W‖.
    private static double RoundTo8Bits(Parameter weight)
    {
        float[] values = weight.Value.ToArray(), rounded = new float[values.Length];
        var codes = new sbyte[values.Length];
        PackedInt8.Decode(codes, PackedInt8.Encode(values, weight.Shape[0], codes), rounded);
        weight.Value.Upload(rounded);
        double all = 0, apart = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = (double)values[i] - rounded[i];
            all += (double)values[i] * values[i];
            apart += difference * difference;
        }
        return all == 0 ? 0 : Math.Sqrt(apart / all);
    }

    // The same layers again, without memory, the named ones cut in two or of 8-bit numbers.
    private static Layer Compressed(Layer root, CompressionPlan plan, LayerRegistry registry)
    {
        JsonObject copy = LayerDescription.Write(root);
        foreach (JsonArray chain in LayerDescription.SelfAndDescendants(copy).Where(node => LayerDescription.TypeOf(node) == Sequential.TypeName).Select(node => node[Sequential.LayersKey]).OfType<JsonArray>().ToArray())
        {
            for (int i = 0; i < chain.Count; i++)
            {
                if (chain[i] is not JsonObject node || LayerDescription.TypeOf(node) != Linear.TypeName) continue;
                string? name = (string?)node[LayerDescription.NameKey];
                if (plan.Int8.Contains(name)) node[Linear.Int8Key] = true;
                if (plan.Ranks.FirstOrDefault(wanted => wanted.Layer == name) is not { } wanted) continue;
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
