using System.Globalization;
using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>A model with how images are prepared for it: what a model file of a run holds.</summary>
public sealed class TrainedModel : IDisposable
{
    internal const string PreparationFact = "input.preparation", SizeFact = "input.size";

    private const string MeanImageTensor = "input.mean_image";

    /// <summary>Brings a model and its preparation together.</summary>
    /// <param name="model">The model; belongs to this object from now on.</param>
    /// <param name="preparation">How images are prepared.</param>
    /// <param name="inputSize">Side in pixels of the square that crops are resized to.</param>
    public TrainedModel(Model model, InputPreparation preparation, int inputSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        Model = model;
        Preparation = preparation;
        InputSize = inputSize;
        Dictionary<string, string> facts = new(model.Description.Facts, StringComparer.Ordinal)
        {
            [PreparationFact] = preparation.ToJson(),
            [SizeFact] = inputSize.ToString(CultureInfo.InvariantCulture),
        };
        model.Description = model.Description with { Facts = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, facts) };
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>How images are resized, cropped and normalised.</summary>
    public InputPreparation Preparation { get; }

    /// <summary>Side in pixels of the square that crops are resized to.</summary>
    public int InputSize { get; }

    /// <summary>Minimum side in pixels of whole images: the preparation's, by the factor that brings a crop to <see cref="InputSize"/>.</summary>
    public int FullImageSide => (int)Math.Round((double)Preparation.MinSide * InputSize / Preparation.CropSize, MidpointRounding.AwayFromZero);

    /// <summary>Names of the classes; numbers where the model knows no names.</summary>
    public IReadOnlyList<string> ClassNames => Model.Description.ClassNames is { Length: > 0 } names
        ? names
        : [.. Enumerable.Range(0, Model.Classes).Select(c => c.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Opens a model file.</summary>
    /// <param name="source">The file: its path, its bytes, or a stream.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="registry">The layers that the network may be made of, where some are of the user's own; null for those of the project.</param>
    /// <exception cref="ModelFormatException">The file is damaged or not a model of this program.</exception>
    /// <exception cref="DataFormatException">The file does not say how images are prepared.</exception>
    public static TrainedModel Load(ModelSource source, Backend backend, LayerRegistry? registry = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using SafetensorsFile file = source.Open();
        Model model = ModelFile.Load(file, backend, registry);
        try
        {
            return Complete(file, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model file into a network of the caller's own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The network, of the file's architecture and options; receives the weights and belongs to the result.</param>
    /// <exception cref="ModelFormatException">The file is damaged or of another network.</exception>
    /// <exception cref="DataFormatException">The file does not say how images are prepared.</exception>
    public static TrainedModel LoadInto(string path, Model model)
    {
        ModelFile.LoadInto(path, model);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return Complete(file, model);
    }

    /// <summary>Writes the model, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="extra">Other tensors to store beside the weights.</param>
    /// <param name="metadata">Other strings to store beside the description.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, IReadOnlyList<NamedTensor>? extra = null, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ModelFile.Save(path, Model, [.. extra ?? [], .. TensorsOf(Preparation)], metadata);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static TrainedModel Complete(SafetensorsFile file, Model model)
    {
        if (!model.Description.Facts.TryGetValue(PreparationFact, out string? json) ||
            !model.Description.Facts.TryGetValue(SizeFact, out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size < 1)
            throw new DataFormatException(file.Name, "the model does not say how images are prepared for it; use a model that was trained or imported by this program");
        return new TrainedModel(model, InputPreparation.FromJson(json, ReadMeanImage(file)), size);
    }

    /// <summary>What files hold of a preparation as tensors: the mean image, where there is one.</summary>
    internal static IEnumerable<NamedTensor> TensorsOf(InputPreparation preparation) => preparation.Normalisation.MeanImage is { } mean
        ? [new NamedTensor(MeanImageTensor, new Shape([mean.Height, mean.Width, 3]), mean.Pixels.ToArray())]
        : [];

    /// <summary>The mean image of a file that has one.</summary>
    internal static MeanImage? ReadMeanImage(SafetensorsFile file)
    {
        if (!file.Contains(MeanImageTensor)) return null;
        int[] shape = [.. file.Shape(MeanImageTensor)];
        if (shape is not [> 0, > 0, 3]) throw new DataFormatException(file.Name, $"the mean image has shape [{string.Join(", ", shape)}] instead of [height, width, 3]; export the model again");
        var pixels = new float[checked(shape[0] * shape[1] * 3)];
        file.ReadFloats(MeanImageTensor, pixels);
        return new MeanImage(shape[1], shape[0], pixels);
    }
}
