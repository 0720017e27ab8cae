using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

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
            [OptionsKey] = JsonSerializer.Serialize(description.Options, DescriptionContext.Default.ModelOptions),
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
        try
        {
            return new ModelDescription
            {
                Architecture = Required(ArchitectureKey),
                Options = JsonSerializer.Deserialize(Required(OptionsKey), DescriptionContext.Default.ModelOptions) ?? throw new JsonException("no options"),
                ClassNames = [.. JsonSerializer.Deserialize(Required(ClassesKey), DescriptionContext.Default.StringArray) ?? []],
                Facts = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, metadata
                    .Where(pair => pair.Key.StartsWith(FactPrefix, StringComparison.Ordinal))
                    .Select(pair => KeyValuePair.Create(pair.Key[FactPrefix.Length..], pair.Value))),
            };
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"the model description is not readable ({error.Message})");
        }

        string Required(string key) => metadata.TryGetValue(key, out string? value) ? value : throw new ModelFormatException(path, $"the model description lacks {key}");
    }
}

/// <summary>How the parts of a description are written, decided when the program is built.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelOptions))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class DescriptionContext : JsonSerializerContext;
