using System.Text.Json.Serialization;

namespace IlgpuSpp.AspNetCore;

/// <summary>The answer to <c>/v1/classify</c>.</summary>
internal sealed record ClassifyAnswer(string Model, IReadOnlyList<ClassifiedPicture> Images);

/// <summary>One image: what it shows, or why that cannot be told.</summary>
internal sealed record ClassifiedPicture(string? File, int? Width, int? Height, IReadOnlyList<ClassAnswer>? Classes, HeatmapAnswer? Heatmap, ProblemAnswer? Problem);

/// <summary>A class that an image may show.</summary>
internal sealed record ClassAnswer(string Name, int Index, double Probability);

/// <summary>Where the evidence lies: values from 0 to 1, row by row, over a region of the upright image in pixels, from edge to edge.</summary>
internal sealed record HeatmapAnswer(string Kind, string? Class, int Rows, int Columns, IReadOnlyList<double> Values, double X, double Y, double Width, double Height);

/// <summary>The answer to <c>/v1/detect</c>.</summary>
internal sealed record DetectAnswer(string Model, IReadOnlyList<SearchedPicture> Images);

/// <summary>One image: what is in it, or why that cannot be told.</summary>
internal sealed record SearchedPicture(string? File, int? Width, int? Height, IReadOnlyList<ObjectAnswer>? Objects, ProblemAnswer? Problem);

/// <summary>An object, its box in pixels of the upright image.</summary>
internal sealed record ObjectAnswer(string Class, double Score, double? Probability, BoxAnswer Box);

/// <summary>A box from its left upper corner.</summary>
internal sealed record BoxAnswer(double X, double Y, double Width, double Height);

/// <summary>The answer to <c>/v1/models</c>.</summary>
internal sealed record ModelsAnswer(IReadOnlyList<ModelAnswer> Models);

internal sealed record ModelAnswer(string Name, string Kind, string Network, IReadOnlyList<string> Classes, int Version, DateTimeOffset LoadedAt, string? Problem);

/// <summary>The answer to the probes.</summary>
internal sealed record StateAnswer(string Status);

/// <summary>A refusal (RFC 9457).</summary>
internal sealed record ProblemAnswer(int Status, string Title, string Detail);

/// <summary>The forms of the answers, decided when the library is built: no reflection at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassifyAnswer))]
[JsonSerializable(typeof(DetectAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(StateAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class AnswerContext : JsonSerializerContext;
