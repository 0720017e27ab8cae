using System.Text.Json;

namespace IlgpuSpp.Training;

/// <summary>
/// <c>last.safetensors</c>: the weights, the optimiser's tensors (<c>conv1.weight.optimiser.velocity</c>), the averaged weights
/// (<c>conv1.weight.average</c>) and a <see cref="RunState"/> in the metadata. Also a model file that can be used as it is.
/// </summary>
internal static class Checkpoint
{
    private const string StateKey = "ilgpuspp.run";
    private const string OptimiserSuffix = ".optimiser.";
    private const string AverageSuffix = ".average";

    /// <summary>Writes the checkpoint, whole or not at all.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static void Save(string path, TrainedModel model, Optimiser optimiser, WeightAverage? average, RunState state)
    {
        var extra = new List<NamedTensor>();
        extra.AddRange(TensorsOf(optimiser));
        for (int i = 0; i < (average?.Averages.Count ?? 0); i++)
            extra.Add(ModelFile.ToNamedTensor(average!.Parameters[i], average.Averages[i].ToArray(), AverageSuffix));
        var metadata = new Dictionary<string, string> { [StateKey] = RunJson.Write(state) };
        RunFolder.Guard(path, () => model.Save(path, extra, metadata));
    }

    /// <summary>Reads where a run is, without its tensors.</summary>
    /// <exception cref="RunFolderException">The file is not a checkpoint.</exception>
    public static RunState ReadState(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(StateKey, out string? json))
            throw new RunFolderException(path, "holds a model but not the state of a run; it cannot be resumed, only used as it is.");
        try
        {
            RunState state = RunJson.Read<RunState>(json) ?? throw new JsonException("it is empty");
            return state.Version == RunState.CurrentVersion
                ? state
                : throw new RunFolderException(path, $"holds a state of version {state.Version}, but this program reads version {RunState.CurrentVersion}; use the program that wrote it.");
        }
        catch (JsonException e)
        {
            throw new RunFolderException(path, $"holds a damaged state; start the run again.", e);
        }
    }

    /// <summary>Reads the optimiser's tensors and the averaged weights. The weights themselves are the model's business.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing or of another shape.</exception>
    public static void LoadTensors(string path, Optimiser optimiser, WeightAverage? average)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        LoadTensors(file, path, optimiser);
        for (int i = 0; i < (average?.Averages.Count ?? 0); i++)
        {
            Parameter parameter = average!.Parameters[i];
            average.Averages[i].Upload(ModelFile.ReadTensor(file, path, parameter, AverageSuffix));
        }
    }

    /// <summary>The optimiser's tensors under the names of their parameters.</summary>
    public static IEnumerable<NamedTensor> TensorsOf(Optimiser optimiser) =>
        optimiser.States.Select(own => ModelFile.ToNamedTensor(own.Parameter, own.Tensor.ToArray(), OptimiserSuffix + own.Name));

    /// <summary>Reads what <see cref="TensorsOf"/> gave.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing or of another shape.</exception>
    public static void LoadTensors(SafetensorsFile file, string path, Optimiser optimiser)
    {
        foreach (OptimiserState own in optimiser.States)
            own.Tensor.Upload(ModelFile.ReadTensor(file, path, own.Parameter, OptimiserSuffix + own.Name));
    }
}
