using System.Text.Json;
using System.Text.Json.Serialization;

namespace IlgpuSpp.Data;

/// <summary>How preparation records are written into a model's metadata.</summary>
internal static class PreparationJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static T Read<T>(string json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new DataFormatException(null, $"the {what} in the model's metadata is empty; export the model again.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException(null, $"the {what} in the model's metadata cannot be read ({e.Message}); export the model again.", e);
        }
    }
}
