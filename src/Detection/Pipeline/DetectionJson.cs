using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace IlgpuSpp.Detection;

/// <summary>The options of detection as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    Converters = [typeof(CamelCaseNames<WindowMethod>), typeof(CamelCaseNames<WindowScoring>), typeof(CamelCaseNames<WindowRule>), typeof(CamelCaseNames<ScaleRule>), typeof(CamelCaseNames<ScaleCombination>), typeof(CamelCaseNames<BoxSides>)])]
[JsonSerializable(typeof(DetectorSettings))]
[JsonSerializable(typeof(DetectionOptions))]
[JsonSerializable(typeof(double[]))]
internal sealed partial class DetectionJson : JsonSerializerContext
{
    /// <summary>Reads a record; what is missing in the text becomes nothing.</summary>
    /// <param name="path">The file that the text is from, for errors.</param>
    /// <param name="text">The JSON.</param>
    /// <param name="type">The record.</param>
    /// <exception cref="ModelFormatException">The text cannot be read.</exception>
    public static T Read<T>(string path, string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("nothing there");
        }
        catch (JsonException error)
        {
            throw Damaged(path, error);
        }
    }

    /// <summary>Reads options; what is missing in the text has its default.</summary>
    /// <param name="path">The file that the text is from, for errors.</param>
    /// <param name="text">The JSON.</param>
    /// <param name="type">The options.</param>
    /// <param name="defaults">The defaults.</param>
    /// <exception cref="ModelFormatException">The text cannot be read.</exception>
    public static T Read<T>(string path, string text, JsonTypeInfo<T> type, T defaults)
        where T : class
    {
        try
        {
            JsonObject given = JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no object");
            return Over(JsonSerializer.SerializeToNode(defaults, type)!.AsObject(), given).Deserialize(type)!;
        }
        catch (JsonException error)
        {
            throw Damaged(path, error);
        }
    }

    /// <summary>Puts what a text names over the usual values: properties that are only set at creation do not keep theirs when a record is read.</summary>
    internal static JsonObject Over(JsonObject usual, JsonObject given)
    {
        foreach ((string name, JsonNode? value) in given)
            usual[name] = value is JsonObject inside && usual[name] is JsonObject below ? Over(below, inside) : value?.DeepClone();
        return usual;
    }

    private static ModelFormatException Damaged(string path, JsonException error) => new(path, $"its options cannot be read (line {(error.LineNumber ?? 0) + 1} is damaged)", error);
}

/// <summary>Writes the values of an enumeration as names in camel case.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class CamelCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
