using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace IlgpuSpp.Models;

/// <summary>The model description as the strings of a safetensors file's metadata.</summary>
internal static class DescriptionJson
{
    public const string FormatKey = "ilgpuspp.format";
    public const string Format = "1";

    private const string ArchitectureKey = "ilgpuspp.architecture";
    private const string OptionsKey = "ilgpuspp.options";
    private const string ClassesKey = "ilgpuspp.classes";
    private const string LayersKey = "ilgpuspp.layers";
    private const string FactPrefix = "ilgpuspp.fact.";

    /// <summary>The description, with the layers themselves where the network is not in the zoo and they can be written.</summary>
    public static Dictionary<string, string> Write(ModelDescription description, Layer root)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FormatKey] = Format,
            [ArchitectureKey] = description.Architecture,
            [OptionsKey] = JsonSerializer.Serialize(WrittenOptions.Of(description.Options), DescriptionContext.Default.WrittenOptions),
            [ClassesKey] = JsonSerializer.Serialize([.. description.ClassNames], DescriptionContext.Default.StringArray),
        };
        if (!Zoo.Contains(description.Architecture) && LayerRegistry.CanDescribe(root)) metadata[LayersKey] = LayerRegistry.ToJson(root);
        foreach ((string name, string value) in description.Facts) metadata[FactPrefix + name] = value;
        return metadata;
    }

    /// <summary>The layers that a file describes, or null where it describes none.</summary>
    public static Layer? ReadLayers(string path, IReadOnlyDictionary<string, string> metadata, LayerRegistry registry)
    {
        if (!metadata.TryGetValue(LayersKey, out string? json)) return null;
        try
        {
            return registry.FromJson(json);
        }
        catch (FormatException error)
        {
            throw new ModelFormatException(path, error.Message, error);
        }
    }

    public static ModelDescription Read(string path, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(FormatKey, out string? format))
            throw new ModelFormatException(path, "the file has no model description; it was not written by this program");
        if (format != Format)
            throw new ModelFormatException(path, $"the model description has format {format}, this version reads format {Format}; use the version that wrote it");
        return Checked(path, new ModelDescription
        {
            Architecture = Required(ArchitectureKey),
            Options = (Parsed(OptionsKey, DescriptionContext.Default.WrittenOptions) ?? throw new ModelFormatException(path, $"the model description is not readable: {OptionsKey} is empty")).Read(path),
            ClassNames = [.. Parsed(ClassesKey, DescriptionContext.Default.StringArray) ?? []],
            Facts = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, metadata
                .Where(pair => pair.Key.StartsWith(FactPrefix, StringComparison.Ordinal))
                .Select(pair => KeyValuePair.Create(pair.Key[FactPrefix.Length..], pair.Value))),
        });

        T? Parsed<T>(string key, JsonTypeInfo<T> type)
        {
            string json = Required(key);
            try
            {
                return JsonSerializer.Deserialize(json, type);
            }
            catch (JsonException error)
            {
                string place = error.Path is { Length: > 1 } at ? $" at {at.TrimStart('$', '.')}" : "";
                throw new ModelFormatException(path, FormattableString.Invariant($"the model description is not readable: {key} is not as it should be{place}, byte {(error.BytePositionInLine ?? 0) + 1}"), error);
            }
        }

        string Required(string key) => metadata.TryGetValue(key, out string? value) ? value : throw new ModelFormatException(path, $"the model description lacks {key}");
    }

    // A file may come from anywhere: what it claims is checked before anything is built from it.
    private static ModelDescription Checked(string path, ModelDescription description)
    {
        ModelOptions options = description.Options;
        if (options.Classes < 1) throw new ModelFormatException(path, $"the model description claims {options.Classes} classes");
        if (options.Pyramid.FirstOrDefault(level => level is < 1 or > Pyramid.MaxLevel, 1) is not 1 and var wrong)
            throw new ModelFormatException(path, $"the model description claims a pyramid level of {wrong}; levels are from 1 to {Pyramid.MaxLevel}");
        if (!Enum.IsDefined(options.PyramidRule)) throw new ModelFormatException(path, $"the model description claims a pyramid rule {(int)options.PyramidRule}, which there is not");
        if (options.Dropout is { } rate && rate is not (>= 0 and < 1)) throw new ModelFormatException(path, FormattableString.Invariant($"the model description claims a dropout rate of {rate}; it is at least 0 and below 1"));
        if (!(options.Width is > 0 and <= ModelOptions.MaxWidth)) throw new ModelFormatException(path, FormattableString.Invariant($"the model description claims a width of {options.Width}; it is above 0 and at most {ModelOptions.MaxWidth}"));
        if (description.ClassNames.Length > 0 && description.ClassNames.Length != options.Classes)
            throw new ModelFormatException(path, $"it names {description.ClassNames.Length} classes, but the network has {options.Classes} outputs");
        if (description.ClassNames.Contains(null!)) throw new ModelFormatException(path, "a class in the model description has no name");
        return description;
    }
}

/// <summary>Options as files have them. What a file does not name is as usual, which properties that are only set at creation would not keep.</summary>
internal sealed class WrittenOptions
{
    public int Classes { get; set; } = Usual.Classes;

    public int[]? Pyramid { get; set; } = [.. Usual.Pyramid];

    public PyramidRule PyramidRule { get; set; } = Usual.PyramidRule;

    public float? Dropout { get; set; } = Usual.Dropout;

    public double Width { get; set; } = Usual.Width;

    private static ModelOptions Usual { get; } = new();

    public static WrittenOptions Of(ModelOptions options) => new() { Classes = options.Classes, Pyramid = [.. options.Pyramid], PyramidRule = options.PyramidRule, Dropout = options.Dropout, Width = options.Width };

    public ModelOptions Read(string path) => new() { Classes = Classes, Pyramid = [.. Pyramid ?? throw new ModelFormatException(path, "the model description is not readable: it has no list of pyramid levels")], PyramidRule = PyramidRule, Dropout = Dropout, Width = Width };
}

/// <summary>How the parts of a description are written, decided when the program is built.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(WrittenOptions))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class DescriptionContext : JsonSerializerContext;
