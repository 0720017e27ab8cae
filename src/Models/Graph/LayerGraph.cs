using System.Text.Json;
using System.Text.Json.Nodes;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>
/// Layers as JSON text and back: what a network is made of, without its weights. Every layer of the project can be
/// written; a layer class of the user's own cannot. Model files hold this text for networks that are not in the zoo.
/// </summary>
public static class LayerGraph
{
    // Every level of containers takes two levels of JSON.
    private const int MaxDepth = 256;

    /// <summary>Whether <see cref="ToJson"/> can write the layers.</summary>
    /// <param name="root">The layers.</param>
    public static bool CanDescribe(Layer root) => root.SelfAndDescendants().All(LayerWriter.Knows);

    /// <summary>Writes layers as JSON.</summary>
    /// <param name="root">The layers.</param>
    /// <exception cref="NotSupportedException">A layer is of a class that is not the project's own.</exception>
    public static string ToJson(Layer root) => LayerWriter.Write(root).ToJsonString(new JsonSerializerOptions { MaxDepth = MaxDepth });

    /// <summary>The same layers again, without memory, with another number of outputs of the last fully connected one.</summary>
    /// <param name="root">The layers.</param>
    /// <param name="outputs">The new number of outputs.</param>
    /// <param name="dropout">Rate of every dropout; null for their own.</param>
    /// <exception cref="NotSupportedException">A layer is of a class that is not the project's own, or none is fully connected.</exception>
    internal static Layer WithOutputs(Layer root, int outputs, float? dropout)
    {
        JsonObject copy = LayerWriter.Write(root);
        JsonObject[] nodes = [.. NodesOf(copy)];
        JsonObject head = nodes.LastOrDefault(node => TypeOf(node) == LayerTypes.Linear) ?? throw new NotSupportedException("The network has no fully connected last layer that could be replaced.");
        head["out"] = outputs;
        if (dropout is { } rate)
            foreach (JsonObject node in nodes.Where(node => TypeOf(node) == LayerTypes.Dropout)) node["rate"] = rate;
        return LayerReader.Read(copy);
    }

    /// <summary>The same layers again, without memory, with some fully connected ones cut in two at a rank.</summary>
    /// <param name="root">The layers.</param>
    /// <param name="ranks">Names of fully connected layers in chains, and their ranks.</param>
    /// <exception cref="NotSupportedException">A layer is of a class that is not the project's own.</exception>
    internal static Layer WithRanks(Layer root, IReadOnlyList<LayerRank> ranks)
    {
        JsonObject copy = LayerWriter.Write(root);
        foreach (JsonArray chain in NodesOf(copy).Where(node => TypeOf(node) == LayerTypes.Sequential).Select(node => node["layers"]).OfType<JsonArray>())
        {
            for (int i = 0; i < chain.Count; i++)
            {
                if (chain[i] is not JsonObject node || TypeOf(node) != LayerTypes.Linear || ranks.FirstOrDefault(wanted => wanted.Layer == (string?)node["name"]) is not { } wanted) continue;
                var reduced = (JsonObject)node.DeepClone();
                (reduced["name"], reduced["out"], reduced["bias"]) = (wanted.Layer + LinearCompression.ReducedSuffix, wanted.Rank, false);
                if (node["learning_rates"] is JsonArray rates) reduced["learning_rates"] = new JsonArray(rates[0]!.DeepClone());
                node["in"] = wanted.Rank;
                chain.Insert(i++, reduced);
            }
        }
        return LayerReader.Read(copy);
    }

    private static string? TypeOf(JsonObject node) => (string?)node["type"];

    private static IEnumerable<JsonObject> NodesOf(JsonObject node) =>
        ((JsonArray?)node["layers"] ?? []).Append(node["main"]).Append(node["shortcut"]).OfType<JsonObject>().SelectMany(NodesOf).Prepend(node);

    /// <summary>Builds the layers that <see cref="ToJson"/> wrote. Their parameters have no memory yet.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is not a description of layers, or describes layers that cannot be.</exception>
    public static Layer FromJson(string json)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth });
            return LayerReader.Read(root as JsonObject ?? throw new FormatException("the description of the layers is not a JSON object"));
        }
        catch (JsonException error)
        {
            throw new FormatException($"the description of the layers is not readable ({error.Message.TrimEnd('.')})", error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new FormatException($"the description of the layers cannot be built: {error.Message.TrimEnd('.')}", error);
        }
    }
}
