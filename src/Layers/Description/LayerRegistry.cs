using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IlgpuSpp.Layers;

/// <summary>
/// The types of layers that can be read from descriptions: those of the project, and those that a user adds. Registries do not
/// change: <see cref="With"/> gives a larger one. Thread-safe.
/// </summary>
public sealed class LayerRegistry
{
    // Every level of containers takes two levels of JSON.
    private const int MaxDepth = 256;

    private readonly ImmutableDictionary<string, Func<LayerDescription, Layer>> _readers;

    private LayerRegistry(ImmutableDictionary<string, Func<LayerDescription, Layer>> readers) => _readers = readers;

    /// <summary>The layers of the project. Their names are part of the file format.</summary>
    public static LayerRegistry BuiltIn { get; } = new(new Dictionary<string, Func<LayerDescription, Layer>>
    {
        [Sequential.TypeName] = Sequential.Read,
        [Concat.TypeName] = Concat.Read,
        [Residual.TypeName] = Residual.Read,
        [Conv2d.TypeName] = Conv2d.Read,
        [Linear.TypeName] = Linear.Read,
        [BatchNorm.TypeName] = BatchNorm.Read,
        [LocalResponseNorm.TypeName] = LocalResponseNorm.Read,
        [Relu.TypeName] = Relu.Read,
        [LeakyRelu.TypeName] = LeakyRelu.Read,
        [Sigmoid.TypeName] = Sigmoid.Read,
        [Relu6.TypeName] = Relu6.Read,
        [HardSigmoid.TypeName] = HardSigmoid.Read,
        [HardSwish.TypeName] = HardSwish.Read,
        [PRelu.TypeName] = PRelu.Read,
        [MaxPool2d.TypeName] = MaxPool2d.Read,
        [AveragePool2d.TypeName] = AveragePool2d.Read,
        [GlobalAveragePool.TypeName] = GlobalAveragePool.Read,
        [SpatialPyramidPool.TypeName] = SpatialPyramidPool.Read,
        [GridFlatten.TypeName] = GridFlatten.Read,
        [Flatten.TypeName] = Flatten.Read,
        [Dropout.TypeName] = Dropout.Read,
    }.ToImmutableDictionary(StringComparer.Ordinal));

    /// <summary>These layers and one more.</summary>
    /// <param name="type">Name of the layer's type, as its <see cref="Layer.Describe"/> gives it.</param>
    /// <param name="read">Makes the layer from its options.</param>
    /// <exception cref="ArgumentException">There is a layer of that name.</exception>
    public LayerRegistry With(string type, Func<LayerDescription, Layer> read) => _readers.ContainsKey(type)
        ? throw new ArgumentException($"There is a layer type '{type}' already; give yours another name.", nameof(type))
        : new LayerRegistry(_readers.Add(type, read));

    /// <summary>Whether <see cref="ToJson"/> can write the layers: whether all of them describe themselves.</summary>
    /// <param name="root">The layers.</param>
    public static bool CanDescribe(Layer root) => root.SelfAndDescendants().All(layer => layer.Describe() is not null);

    /// <summary>Writes what a network is made of, without its weights, as JSON.</summary>
    /// <param name="root">The layers.</param>
    /// <exception cref="NotSupportedException">A layer does not describe itself.</exception>
    public static string ToJson(Layer root) => LayerDescription.Write(root).ToJsonString(new JsonSerializerOptions { MaxDepth = MaxDepth });

    /// <summary>Builds the layers that <see cref="ToJson"/> wrote. Their parameters have no memory yet.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is not a description of layers, or describes layers that cannot be.</exception>
    public Layer FromJson(string json)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return LayerDescription.Read(root as JsonObject ?? throw new FormatException("the description of the layers is not a JSON object"), this);
        }
        catch (JsonException error)
        {
            throw new FormatException(FormattableString.Invariant($"the description of the layers is not readable: it is not valid JSON, or gives a name twice, at line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}"), error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or OverflowException or IlgpuSppException)
        {
            // The name of a parameter means nothing to whoever wrote the file.
            string reason = error is ArgumentException { ParamName: { } parameter } ? error.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : error.Message;
            throw new FormatException($"the description of the layers cannot be built: {reason.TrimEnd('.')}", error);
        }
    }

    internal Func<LayerDescription, Layer> ReaderOf(string type) => _readers.TryGetValue(type, out Func<LayerDescription, Layer>? read)
        ? read
        : throw new FormatException($"there is no layer type '{type}' in this version; a layer of your own is added with LayerRegistry.With");
}
