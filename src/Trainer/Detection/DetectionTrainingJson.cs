using System.Text.Json;
using System.Text.Json.Serialization;

namespace IlgpuSpp.Training;

/// <summary>Options and states of a detector's training as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    Converters = [typeof(CamelCaseNames<WindowMethod>), typeof(CamelCaseNames<WindowScoring>), typeof(CamelCaseNames<WindowRule>), typeof(CamelCaseNames<ScaleRule>), typeof(CamelCaseNames<ScaleCombination>), typeof(CamelCaseNames<BoxSides>), typeof(CamelCaseNames<TrainingScale>)])]
[JsonSerializable(typeof(DetectorOptions))]
[JsonSerializable(typeof(DetectorRunDescription))]
[JsonSerializable(typeof(HeadFineTuning.State), TypeInfoPropertyName = "HeadFineTuningState")]
[JsonSerializable(typeof(EndToEndTraining.State), TypeInfoPropertyName = "EndToEndTrainingState")]
internal sealed partial class DetectionTrainingJson : JsonSerializerContext
{
    public static string Write(DetectorOptions options) => JsonSerializer.Serialize(options, Default.DetectorOptions);

    public static string Write(DetectorRunDescription description) => JsonSerializer.Serialize(description, Default.DetectorRunDescription);
}
