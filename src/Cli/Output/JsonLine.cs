using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Cli.Training;

namespace IlgpuSpp.Cli.Output;

/// <summary>Answers for programs: one JSON object a line, with snake_case names.</summary>
internal static class JsonLine
{
    private static readonly AnswerContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    });

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, (JsonTypeInfo<T>)Context.GetTypeInfo(typeof(T))!);

    public static void Write<T>(T value) => Console.WriteLine(Of(value));
}

internal sealed record BenchAnswer(string Case, double MedianMs, double MinMs, int Reps, int Images, int Threads, string Device, long PeakMb);

internal sealed record CacheAnswer(string Folder, int WeightFiles, long WeightBytes, int FeatureFiles, long FeatureBytes);

internal sealed record EvaluationAnswer(int Images, double Top1, double Top5, double Loss, double Seconds, string View, double MeanClassAccuracy, int Undecodable);

internal sealed record AgreementAnswer(double SameClass, double MeanDifference, double LargestDifference, double TimesFaster);

internal sealed record InfoAnswer(string Version, string Runtime, int Processors, string Simd, IReadOnlyList<DeviceListing> Devices, string? Mpi);

internal sealed record NetworkAnswer(string Name, string Title, int Size, int Smallest, long Parameters, long MultiplyAdds);

internal sealed record LayerAnswer(string Name, string Kind, int[] Output, long Parameters, long MultiplyAdds, long Bytes);

internal sealed record PulledAnswer(string Name, string File);

internal sealed record WeightsAnswer(string Name, string Title, string Source, string Licence, long Bytes, string? File);

internal sealed record PredictionAnswer(string File, int Width, int Height, IReadOnlyList<PredictionAnswer.Guess> Classes)
{
    internal sealed record Guess(string Name, double Probability);
}

internal sealed record TransferAnswer(string Layer, string View, int Features, double Mean, double Deviation, double Area, int? Side);

/// <summary>The forms of the answers, decided when the program is built: no reflection at run time.</summary>
[JsonSerializable(typeof(AgreementAnswer))]
[JsonSerializable(typeof(BenchAnswer))]
[JsonSerializable(typeof(CacheAnswer))]
[JsonSerializable(typeof(DetectionsAnswer))]
[JsonSerializable(typeof(EvaluationAnswer))]
[JsonSerializable(typeof(InfoAnswer))]
[JsonSerializable(typeof(LayerAnswer))]
[JsonSerializable(typeof(NetworkAnswer))]
[JsonSerializable(typeof(PredictionAnswer))]
[JsonSerializable(typeof(PulledAnswer))]
[JsonSerializable(typeof(ScoreAnswer))]
[JsonSerializable(typeof(SpeedAnswer))]
[JsonSerializable(typeof(TransferAnswer))]
[JsonSerializable(typeof(WeightsAnswer))]
[JsonSerializable(typeof(PhaseEvent))]
[JsonSerializable(typeof(StartedEvent))]
[JsonSerializable(typeof(NoteEvent))]
[JsonSerializable(typeof(StoppingEvent))]
[JsonSerializable(typeof(EpochEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(FinishedEvent))]
internal sealed partial class AnswerContext : JsonSerializerContext;
