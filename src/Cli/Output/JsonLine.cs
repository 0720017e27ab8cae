using System.Text.Encodings.Web;
using System.Text.Json;

namespace IlgpuSpp.Cli.Output;

/// <summary>Answers for programs: one JSON object a line, with snake_case names.</summary>
internal static class JsonLine
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static void Write<T>(T value) => Console.WriteLine(Of(value));
}
