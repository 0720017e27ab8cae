using System.Text.Json;

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
    private const string ClassesField = "Classes", PyramidField = "Pyramid", RuleField = "PyramidRule", DropoutField = "Dropout", WidthField = "Width";

    // By the values of the enumeration.
    private static ReadOnlySpan<string> Rules => new[] { "Adaptive", "SlidingWindow", "ReleasedZf5" };

    /// <summary>The description, with the layers themselves where the network is not in the zoo and they can be written.</summary>
    public static Dictionary<string, string> Write(ModelDescription description, Layer root)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FormatKey] = Format,
            [ArchitectureKey] = description.Architecture,
            [OptionsKey] = JsonFields.Write(writer => Write(writer, description.Options)),
            [ClassesKey] = JsonFields.Write(writer => Write(writer, description.ClassNames)),
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
            Options = Parsed(OptionsKey, ReadOptions),
            ClassNames = [.. Parsed(ClassesKey, static json => JsonFields.Texts(json))!],
            Facts = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, metadata
                .Where(pair => pair.Key.StartsWith(FactPrefix, StringComparison.Ordinal))
                .Select(pair => KeyValuePair.Create(pair.Key[FactPrefix.Length..], pair.Value))),
        });

        T Parsed<T>(string key, Func<string, T> read)
        {
            string json = Required(key);
            try
            {
                return read(json);
            }
            catch (JsonException error)
            {
                string place = error.Path is { Length: > 0 } at ? $" at {at}" : error.BytePositionInLine is { } last ? FormattableString.Invariant($", byte {last + 1}") : "";
                throw new ModelFormatException(path, $"the model description is not readable: {key} is not as it should be{place}", error);
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
        if (options.Dropout is { } rate && rate is not (>= 0 and < 1)) throw new ModelFormatException(path, FormattableString.Invariant($"the model description claims a dropout rate of {rate}; it is at least 0 and below 1"));
        if (!(options.Width is > 0 and <= ModelOptions.MaxWidth)) throw new ModelFormatException(path, FormattableString.Invariant($"the model description claims a width of {options.Width}; it is above 0 and at most {ModelOptions.MaxWidth}"));
        if (description.ClassNames.Length > 0 && description.ClassNames.Length != options.Classes)
            throw new ModelFormatException(path, $"it names {description.ClassNames.Length} classes, but the network has {options.Classes} outputs");
        if (description.ClassNames.Contains(null!)) throw new ModelFormatException(path, "a class in the model description has no name");
        return description;
    }

    // What a text does not name is as usual.
    private static ModelOptions ReadOptions(string json)
    {
        JsonFields fields = JsonFields.Of(json);
        var usual = new ModelOptions();
        return new ModelOptions
        {
            Classes = fields.Whole(ClassesField, usual.Classes),
            Pyramid = [.. fields.Wholes(PyramidField, [.. usual.Pyramid])],
            PyramidRule = (PyramidRule)fields.Choice(RuleField, Rules, (int)usual.PyramidRule),
            Dropout = fields.NumberOrNull(DropoutField),
            Width = fields.Number(WidthField, usual.Width),
        };
    }

    private static void Write(Utf8JsonWriter writer, ModelOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber(ClassesField, options.Classes);
        writer.WriteStartArray(PyramidField);
        foreach (int level in options.Pyramid) writer.WriteNumberValue(level);
        writer.WriteEndArray();
        writer.WriteString(RuleField, Rules[(int)options.PyramidRule]);
        if (options.Dropout is { } rate) writer.WriteNumber(DropoutField, rate);
        else writer.WriteNull(DropoutField);
        writer.WriteNumber(WidthField, options.Width);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<string> names)
    {
        writer.WriteStartArray();
        foreach (string name in names) writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
