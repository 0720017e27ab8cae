using System.Text.Json.Serialization.Metadata;

namespace IlgpuSpp.Training;

/// <summary>A checkpoint of one stage of training: the parameters that it changes, the optimiser's tensors, and a state in the metadata.</summary>
/// <typeparam name="T">The state.</typeparam>
/// <param name="path">The file.</param>
/// <param name="stage">Name of the stage; another stage's checkpoint is refused.</param>
/// <param name="parameters">The parameters.</param>
/// <param name="optimiser">What changes them.</param>
/// <param name="json">How the state is written.</param>
internal sealed class StageCheckpoint<T>(string path, string stage, IReadOnlyList<Parameter> parameters, Optimiser optimiser, JsonTypeInfo<T> json)
    where T : class
{
    private const string StageKey = "ilgpuspp.stage", StateKey = "ilgpuspp.stage.state";

    /// <summary>The file.</summary>
    public string Location => path;

    /// <summary>The run's folder.</summary>
    public string Folder => Path.GetDirectoryName(path)!;

    /// <summary>Whether there is a checkpoint to go on from.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>Writes the checkpoint, whole or not at all.</summary>
    /// <param name="state">Where the stage is.</param>
    /// <param name="extra">More tensors.</param>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public void Save(T state, IEnumerable<NamedTensor>? extra = null)
    {
        NamedTensor[] tensors = [.. parameters.Select(parameter => ModelFile.ToNamedTensor(parameter, parameter.Value.ToArray())), .. Checkpoint.TensorsOf(optimiser), .. extra ?? []];
        var metadata = new Dictionary<string, string> { [StageKey] = stage, [StateKey] = System.Text.Json.JsonSerializer.Serialize(state, json) };
        RunFolder.Guard(path, () => SafetensorsWriter.Write(path, tensors, metadata));
    }

    /// <summary>Reads the parameters and the optimiser's tensors back.</summary>
    /// <param name="check">Refuses a state before anything is changed, and reads more tensors.</param>
    /// <returns>Where the stage was.</returns>
    /// <exception cref="ModelFormatException">The file is damaged or no checkpoint of the stage.</exception>
    public T Load(Action<T, SafetensorsFile>? check = null)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(StageKey) != stage || file.Metadata.GetValueOrDefault(StateKey) is not { } text)
            throw new ModelFormatException(path, $"it is no checkpoint of {stage} that this program reads; delete it to begin that again");
        T state = DetectionJson.Read(path, text, json);
        check?.Invoke(state, file);
        foreach (Parameter parameter in parameters) parameter.Value.Upload(ModelFile.ReadTensor(file, path, parameter));
        Checkpoint.LoadTensors(file, path, optimiser);
        return state;
    }
}
