using System.Collections.Immutable;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>What a detector learnt besides its network.</summary>
/// <param name="Settings">How its windows get their features and scores.</param>
/// <param name="SvmWeights">Weights of the support vector machines, <c>[classes, responses]</c>, or null.</param>
/// <param name="SvmBiases">Their biases, <c>[classes]</c>.</param>
/// <param name="BoxWeights">Weights of the box regression, <c>[4·classes, features]</c>, or null.</param>
/// <param name="BoxBiases">Its constants, <c>[4·classes]</c>.</param>
/// <param name="BoxLayerWeights">Weights of the layer that moves boxes from what the last layer reads, <c>[4·classes, hidden]</c>, or null.</param>
/// <param name="BoxLayerBiases">Its biases, <c>[4·classes]</c>.</param>
/// <param name="Calibration">What makes probabilities of the machines' scores, one for each class, or null.</param>
internal sealed record DetectorParts(
    DetectorSettings Settings, float[]? SvmWeights, float[]? SvmBiases, float[]? BoxWeights, float[]? BoxBiases, float[]? BoxLayerWeights = null, float[]? BoxLayerBiases = null,
    IReadOnlyList<PlattScaling>? Calibration = null);

/// <summary>
/// Detectors as single files: a model file of a network whose first output is the background, with the options, the support vector machines and the box regression
/// beside it.
/// </summary>
internal static class DetectorFile
{
    public const string FileName = "detector.safetensors";
    public const string Background = "background";

    private const string OptionsFact = "detector.options";

    public static string PathOf(string path) => Directory.Exists(path) ? Path.Combine(path, FileName) : path;

    /// <summary>Writes a detector, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The network.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="parts">What was learnt besides the network.</param>
    /// <param name="options">JSON of the options of the training, those of <see cref="DetectorSettings"/> among them.</param>
    public static void Write(string path, Model model, InputPreparation preparation, DetectorParts parts, string options)
    {
        ImmutableSortedDictionary<string, string> facts = model.Description.Facts.SetItem(OptionsFact, options).SetItem(TrainedModel.PreparationFact, preparation.ToJson());
        model.Description = model.Description with { Facts = facts };
        var tensors = new List<NamedTensor>();
        int classes = model.Classes - 1;
        Add("svm.weight", parts.SvmWeights, classes);
        Add("svm.bias", parts.SvmBiases, 0);
        Add("boxes.weight", parts.BoxWeights, BoxEncoding.Length * classes);
        Add("boxes.bias", parts.BoxBiases, 0);
        Add("box_layer.weight", parts.BoxLayerWeights, BoxEncoding.Length * classes);
        Add("box_layer.bias", parts.BoxLayerBiases, 0);
        Add("calibration", parts.Calibration?.SelectMany(own => (float[])[(float)own.A, (float)own.B]).ToArray(), classes);
        ModelFile.Save(path, model, [.. tensors, .. TrainedModel.TensorsOf(preparation)]);

        void Add(string name, float[]? values, int rows)
        {
            if (values is not null) tensors.Add(new NamedTensor(name, rows > 0 ? new Shape(rows, values.Length / rows) : new Shape(values.Length), values));
        }
    }

    /// <summary>Refuses a file that holds no detector, without reading its weights.</summary>
    public static void Check(ModelSource source) => Facts(source.Name, ModelFile.ReadDescription(source));

    /// <summary>Whether a model file holds a detector.</summary>
    public static bool IsIn(ModelSource source) => ModelFile.ReadDescription(source).Facts.ContainsKey(OptionsFact);

    private static (string Options, string Preparation) Facts(string path, ModelDescription description) =>
        description.Facts.TryGetValue(OptionsFact, out string? options) && description.Facts.TryGetValue(TrainedModel.PreparationFact, out string? preparation)
            ? (options, preparation)
            : throw new ModelFormatException(path, "it is a classifier, not a detector; train one from it with 'detect train --from'");

    public static (Model Model, InputPreparation Preparation, DetectorParts Parts) Read(ModelSource source, Backend backend)
    {
        using SafetensorsFile file = source.Open();
        string path = file.Name;
        Model model = ModelFile.Load(file, backend);
        try
        {
            (string options, string preparation) = Facts(path, model.Description);
            var parts = new DetectorParts(
                DetectionJson.Read(path, options, DetectionJson.Default.DetectorSettings, new DetectorSettings()), Values("svm.weight"), Values("svm.bias"), Values("boxes.weight"), Values("boxes.bias"), Values("box_layer.weight"), Values("box_layer.bias"),
                Values("calibration")?.Chunk(2).Select(own => new PlattScaling(own[0], own[^1])).ToArray());
            return (model, InputPreparation.FromJson(preparation, TrainedModel.ReadMeanImage(file)), parts);

            float[]? Values(string name)
            {
                if (!file.Contains(name)) return null;
                var values = new float[file.Count(name)];
                file.ReadFloats(name, values);
                return values;
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
