using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace IlgpuSpp.Data;

/// <summary>How preparation records are written into a model's metadata.</summary>
internal static class PreparationJson
{
    // Names of enumerations are in the case of the properties' names.
    private static readonly PreparationContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters =
        {
            new JsonStringEnumConverter<ResizeFilter>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<NormalisationKind>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<ChannelOrder>(JsonNamingPolicy.CamelCase),
        },
    });

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TypeOf<T>());

    public static T Read<T>(string json, string what)
        where T : class, new()
    {
        try
        {
            // What a text does not name is as usual, which properties that are only set at creation would not keep.
            JsonNode? given = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (given is JsonObject named) given = Over(JsonSerializer.SerializeToNode(new T(), TypeOf<T>())!.AsObject(), named);
            return JsonSerializer.Deserialize(given, TypeOf<T>()) ?? throw new DataFormatException(null, $"the {what} in the model's metadata is empty; export the model again.");
        }
        catch (InvalidOperationException e)
        {
            // Escapes of half a surrogate pair pass the parser but give no text.
            throw new DataFormatException(null, $"the {what} in the model's metadata holds text that is not valid Unicode; export the model again.", e);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(null, $"the {what} in the model's metadata cannot be read{(e.Path is { Length: > 1 } at ? $" at {at.TrimStart('$', '.')}" : "")}; export the model again.", e);
        }
    }

    /// <summary>Puts what a text names over the usual values: properties that are only set at creation do not keep theirs when a record is read.</summary>
    internal static JsonObject Over(JsonObject usual, JsonObject given)
    {
        foreach ((string name, JsonNode? value) in given)
            usual[name] = value is JsonObject inside && usual[name] is JsonObject below ? Over(below, inside) : value?.DeepClone();
        return usual;
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Context.GetTypeInfo(typeof(T))!;
}

/// <summary>The forms of the records, decided when the program is built: no reflection at run time.</summary>
[JsonSerializable(typeof(InputPreparation))]
[JsonSerializable(typeof(InputNormalisation))]
internal sealed partial class PreparationContext : JsonSerializerContext;
