using System.Text.Json.Nodes;

namespace IlgpuSpp.Layers;

/// <summary>
/// A layer as data: the name of its type, and its options by name. Every layer writes its own (<see cref="Layer.Describe"/>); the
/// reader that a <see cref="LayerRegistry"/> has for the type makes the layer again. In model files a description is a JSON object.
/// Descriptions may come from anywhere, so whoever reads an option says what it may be.
/// </summary>
public sealed class LayerDescription
{
    /// <summary>The largest number of channels or the largest extent of a window that a description may ask for.</summary>
    public const int LargestExtent = 1 << 20;

    /// <summary>The largest number of features of a row that a description may ask for.</summary>
    public const int LargestFeatures = 1 << 28;

    internal const string NameKey = "name", RatesKey = "learning_rates";

    private const string TypeKey = "type", PadKey = "pad";

    private readonly List<(string Key, Layer Layer)> _single = [];
    private readonly List<(string Key, IReadOnlyList<Layer> Layers)> _lists = [];
    private readonly JsonObject _json;
    private readonly LayerRegistry? _registry;

    /// <summary>Starts the description of a layer.</summary>
    /// <param name="type">Name of the layer's type, by which the registry finds its reader; part of the file format.</param>
    public LayerDescription(string type) => _json = new JsonObject { [TypeKey] = type, [NameKey] = "" };

    private LayerDescription(JsonObject json, LayerRegistry registry)
    {
        _json = json;
        _registry = registry;
    }

    /// <summary>Adds an option.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>This description.</returns>
    public LayerDescription Add(string key, int value) => Set(key, value);

    /// <inheritdoc cref="Add(string, int)"/>
    public LayerDescription Add(string key, float value) => Set(key, value);

    /// <inheritdoc cref="Add(string, int)"/>
    public LayerDescription Add(string key, bool value) => Set(key, value);

    /// <inheritdoc cref="Add(string, int)"/>
    public LayerDescription Add<T>(string key, T value)
        where T : struct, Enum => Set(key, value.ToString());

    /// <inheritdoc cref="Add(string, int)"/>
    public LayerDescription Add(string key, params ReadOnlySpan<int> value)
    {
        var list = new JsonArray();
        foreach (int number in value) list.Add((JsonNode)number);
        return Set(key, list);
    }

    /// <summary>Adds a layer inside this one.</summary>
    /// <param name="key">What it is to this layer.</param>
    /// <param name="layer">The layer.</param>
    /// <returns>This description.</returns>
    public LayerDescription Add(string key, Layer layer)
    {
        _single.Add((key, layer));
        return Set(key, null);
    }

    /// <summary>Adds layers inside this one.</summary>
    /// <param name="key">What they are to this layer.</param>
    /// <param name="layers">The layers.</param>
    /// <returns>This description.</returns>
    public LayerDescription Add(string key, IReadOnlyList<Layer> layers)
    {
        _lists.Add((key, layers));
        return Set(key, null);
    }

    /// <summary>Whether an option is given.</summary>
    /// <param name="key">Its name.</param>
    public bool Has(string key) => _json[key] is not null;

    /// <summary>Reads a flag.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="FormatException">It is missing, or no flag.</exception>
    public bool Flag(string key) => _json[key] is JsonValue value && value.TryGetValue(out bool flag) ? flag : throw Lacks(key);

    /// <summary>Reads a finite number.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="FormatException">It is missing, or no finite number.</exception>
    public float Number(string key) => Finite(_json[key], key);

    /// <summary>Reads a number above 0.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="FormatException">It is missing, or not above 0.</exception>
    public float Positive(string key) => Number(key) is > 0 and var value ? value : throw new FormatException($"{key} must be above 0");

    /// <summary>Reads a whole number.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <exception cref="FormatException">It is missing, or outside of the bounds.</exception>
    public int Whole(string key, int least, int most) => Whole(_json[key], key, least, most);

    /// <summary>Reads a list of whole numbers.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="least">The least that each may be.</param>
    /// <param name="most">The most that each may be.</param>
    /// <exception cref="FormatException">It is missing, or one is outside of the bounds.</exception>
    public int[] Wholes(string key, int least, int most) => _json[key] is JsonArray list ? [.. list.Select(number => Whole(number, key, least, most))] : throw Lacks(key);

    /// <summary>Reads a number for rows and one for columns.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="least">The least that each may be.</param>
    /// <exception cref="FormatException">It is missing, or one is outside of the bounds.</exception>
    public (int Height, int Width) Pair(string key, int least) => _json[key] is JsonArray { Count: 2 } pair
        ? (Whole(pair[0], key, least, LargestExtent), Whole(pair[1], key, least, LargestExtent))
        : throw new FormatException($"'{key}' must be a pair of rows and columns");

    /// <summary>Reads the padding of windows, <c>pad</c>: rows and columns, or the four sides where they differ.</summary>
    /// <exception cref="FormatException">It is missing, or one is outside of the bounds.</exception>
    internal (int Top, int Left, int Bottom, int Right) Padding()
    {
        int[] sides = Wholes(PadKey, 0, LargestExtent);
        return sides.Length is 2 or 4 ? (sides[0], sides[1], sides[^2], sides[^1]) : throw new FormatException($"'{PadKey}' must be rows and columns, or top, left, bottom, right");
    }

    /// <summary>Adds the padding of windows; what <see cref="Padding"/> reads.</summary>
    internal LayerDescription AddPadding(int top, int left, int bottom, int right) =>
        (top, left) == (bottom, right) ? Add(PadKey, top, left) : Add(PadKey, top, left, bottom, right);

    /// <summary>Reads one of several names.</summary>
    /// <typeparam name="T">The names.</typeparam>
    /// <param name="key">Its name.</param>
    /// <exception cref="FormatException">It is missing, or none of them.</exception>
    public T Choice<T>(string key)
        where T : struct, Enum
    {
        string text = Text(key);
        return Enum.TryParse(text, out T value) && Enum.IsDefined(value) ? value : throw new FormatException($"'{text}' is no {key}");
    }

    /// <summary>Reads a layer inside this one.</summary>
    /// <param name="key">What it is to this layer.</param>
    /// <exception cref="FormatException">It is missing, or cannot be made.</exception>
    public Layer Layer(string key) => _json[key] is JsonObject inside ? Read(inside, _registry!) : throw Lacks(key);

    /// <summary>Reads the layers inside this one, at least one.</summary>
    /// <param name="key">What they are to this layer.</param>
    /// <exception cref="FormatException">There are none, or one cannot be made.</exception>
    public Layer[] Layers(string key) => _json[key] is JsonArray { Count: > 0 } list
        ? [.. list.Select(inside => Read(inside as JsonObject ?? throw new FormatException("a layer is not a JSON object"), _registry!))]
        : throw new FormatException($"the container '{_json[NameKey]}' has no {key}");

    /// <summary>Writes a layer, and what is inside it, as JSON.</summary>
    /// <exception cref="NotSupportedException">A layer cannot be described.</exception>
    internal static JsonObject Write(Layer layer)
    {
        LayerDescription description = layer.Describe() ?? throw new NotSupportedException($"{layer.Name} ({layer.Kind}) does not describe itself, so that no file can hold it; override Describe, or load such a network with ModelFile.LoadInto.");
        JsonObject json = description._json;
        json[NameKey] = layer.Name;
        foreach ((string key, Layer inside) in description._single) json[key] = Write(inside);
        foreach ((string key, IReadOnlyList<Layer> inside) in description._lists) json[key] = new JsonArray([.. inside.Select(Write)]);
        // How a parameter learns belongs to the network too: the paper's biases learn at twice the rate.
        if (layer.Parameters.Any(parameter => parameter.LearningRateMultiplier != 1))
            json[RatesKey] = new JsonArray([.. layer.Parameters.Select(parameter => (JsonNode)parameter.LearningRateMultiplier)]);
        return json;
    }

    /// <summary>Makes the layer that a JSON object describes.</summary>
    /// <exception cref="FormatException">It cannot be made.</exception>
    internal static Layer Read(JsonObject json, LayerRegistry registry)
    {
        var description = new LayerDescription(json, registry);
        Layer layer = registry.ReaderOf(description.Text(TypeKey))(description);
        layer.Name = description.Text(NameKey);
        if (json[RatesKey] is JsonArray rates)
        {
            if (rates.Count != layer.Parameters.Count) throw new FormatException($"'{layer.Name}' has {layer.Parameters.Count} parameters, but {rates.Count} learning rates");
            for (int i = 0; i < rates.Count; i++) layer.Parameters[i].LearningRateMultiplier = Finite(rates[i], RatesKey);
        }
        return layer;
    }

    /// <summary>The type of a described layer.</summary>
    internal static string? TypeOf(JsonObject json) => (string?)json[TypeKey];

    /// <summary>A described layer and all that are inside it, parents first.</summary>
    internal static IEnumerable<JsonObject> SelfAndDescendants(JsonObject json) => json
        .SelectMany(option => option.Value is JsonArray list ? [.. list] : (IEnumerable<JsonNode?>)[option.Value])
        .OfType<JsonObject>()
        .SelectMany(SelfAndDescendants)
        .Prepend(json);

    private static float Finite(JsonNode? node, string key) =>
        node is JsonValue value && value.TryGetValue(out float number) && float.IsFinite(number) ? number : throw new FormatException($"'{key}' is not a number");

    private static int Whole(JsonNode? node, string key, int least, int most) =>
        node is JsonValue value && value.TryGetValue(out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{key}' must be a whole number from {least} to {most}");

    private string Text(string key) => _json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : throw Lacks(key);

    private LayerDescription Set(string key, JsonNode? value)
    {
        _json[key] = value;
        return this;
    }

    private FormatException Lacks(string key) => new($"layer '{_json[NameKey]}' lacks a usable '{key}'");
}
