using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Detection;

/// <summary>Options and states as the strings of files' metadata.</summary>
internal static class DetectionJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string path, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("nothing there");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"its {typeof(T).Name} cannot be read ({error.Message.TrimEnd('.')})", error);
        }
    }
}
