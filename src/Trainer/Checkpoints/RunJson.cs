using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace IlgpuSpp.Training;

/// <summary>How records of a run are written as JSON; the forms are decided when the program is built.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, IgnoreReadOnlyProperties = true, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunConfiguration))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(EarlyStopping.State), TypeInfoPropertyName = "EarlyStoppingState")]
[JsonSerializable(typeof(PlateauSchedule.State), TypeInfoPropertyName = "PlateauState")]
internal sealed partial class RunJson : JsonSerializerContext
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TypeOf<T>());

    /// <summary>Reads a record whose properties are all in the text.</summary>
    public static T? Read<T>(string json) => JsonSerializer.Deserialize(json, TypeOf<T>());

    /// <summary>Reads a configuration; options that the text does not name, because a program before them wrote it, have their defaults.</summary>
    public static RunConfiguration? ReadConfiguration(string json)
    {
        if (JsonNode.Parse(json) is not JsonObject given) return null;
        if (given["options"] is JsonObject options)
            given["options"] = DetectionJson.Over(JsonSerializer.SerializeToNode(new TrainerOptions(), Default.TrainerOptions)!.AsObject(), options);
        given.TryAdd("version", IlgpuSpp.Training.RunConfiguration.CurrentVersion);
        given.TryAdd("notes", new JsonObject());
        return given.Deserialize(Default.RunConfiguration);
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
