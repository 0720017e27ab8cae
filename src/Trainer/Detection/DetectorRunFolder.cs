using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>What the run of a detector was started with: <c>detector.json</c> of its folder.</summary>
/// <param name="Key">A hash of the options, the data, the proposals and the starting network with its weights.</param>
/// <param name="Options">How the detector is trained.</param>
/// <param name="Proposals">Name of the method that finds windows.</param>
/// <param name="DeterministicExact">Whether the device gives the same bits on every processor.</param>
internal sealed record DetectorRunDescription(string Key, DetectorOptions Options, string Proposals, bool DeterministicExact = false);

/// <summary>The files of a detector's run: each stage of training leaves one, written whole or not at all. Locked until it is disposed.</summary>
internal sealed class DetectorRunFolder : IDisposable
{
    private const string DescriptionName = "detector.json";

    private readonly string _root;
    private readonly RunLock _lock;

    private DetectorRunFolder(string root, RunLock taken) => (_root, _lock) = (root, taken);

    /// <summary>The network after fine-tuning.</summary>
    public string NetworkFile => Path.Combine(_root, "network.safetensors");

    /// <summary>The layer that moves boxes, where the network is trained end to end.</summary>
    public string BoxLayerFile => Path.Combine(_root, "box-layer.safetensors");

    /// <summary>The support vector machines.</summary>
    public string SvmFile => Path.Combine(_root, "svm.safetensors");

    /// <summary>The regression of boxes.</summary>
    public string BoxesFile => Path.Combine(_root, "boxes.safetensors");

    /// <summary>The scaling of the machines' scores to probabilities.</summary>
    public string CalibrationFile => Path.Combine(_root, "calibration.safetensors");

    /// <summary>The checkpoint of fine-tuning behind the pyramid.</summary>
    public string FineTuningFile => Path.Combine(_root, "fine-tuning.safetensors");

    /// <summary>The checkpoint of fine-tuning end to end.</summary>
    public string EndToEndFile => Path.Combine(_root, "end-to-end.safetensors");

    /// <summary>The finished detector.</summary>
    public string DetectorFile => Path.Combine(_root, IlgpuSpp.Detection.DetectorFile.FileName);

    /// <summary>The folder of feature maps kept during training.</summary>
    public string MapsFolder => Path.Combine(_root, "maps");

    /// <summary>Starts a run, or goes on with the one in the folder.</summary>
    /// <param name="root">The folder; created where missing.</param>
    /// <param name="description">What is asked for.</param>
    /// <exception cref="OptionsException">The run in the folder has other options.</exception>
    /// <exception cref="RunFolderException">The folder holds another run, is in use, or cannot be written.</exception>
    public static DetectorRunFolder Open(string root, DetectorRunDescription description)
    {
        RunFolder.Guard(root, () => Directory.CreateDirectory(root));
        var folder = new DetectorRunFolder(root, RunLock.Take(root));
        try
        {
            string path = Path.Combine(root, DescriptionName);
            if (File.Exists(path)) Compare(root, description, DetectionJson.Read(path, File.ReadAllText(path), DetectionTrainingJson.Default.DetectorRunDescription));
            else RunFolder.WriteText(path, DetectionTrainingJson.Write(description));
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Writes a linear stage: one row of weights and one bias an output.</summary>
    public static void WriteLinear(string path, float[] weights, float[] biases) => RunFolder.Guard(path, () => SafetensorsWriter.Write(
        path,
        [new NamedTensor("weight", new Shape(biases.Length, weights.Length / biases.Length), weights), new NamedTensor("bias", new Shape(biases.Length), biases)],
        new Dictionary<string, string>()));

    /// <summary>The numbers of a linear stage: learnt and written where it is not over yet.</summary>
    public static (float[] Weights, float[] Biases) Linear(string path, Func<(float[] Weights, float[] Biases)> learn)
    {
        if (!File.Exists(path))
        {
            (float[] weights, float[] biases) = learn();
            WriteLinear(path, weights, biases);
        }
        return ReadLinear(path);
    }

    /// <summary>Reads what <see cref="WriteLinear"/> wrote.</summary>
    public static (float[] Weights, float[] Biases) ReadLinear(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        float[] weights = new float[file.Count("weight")], biases = new float[file.Count("bias")];
        file.ReadFloats("weight", weights);
        file.ReadFloats("bias", biases);
        return (weights, biases);
    }

    /// <summary>Removes the feature maps: they served training, and a finished run has no use for gigabytes of them.</summary>
    /// <param name="logger">Is warned where that is not possible.</param>
    public void RemoveMaps(ILogger logger)
    {
        if (!Directory.Exists(MapsFolder)) return;
        try
        {
            Directory.Delete(MapsFolder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("{Folder}: the feature maps cannot be removed ({Reason}); delete them by hand.", MapsFolder, error.Message);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void Compare(string root, DetectorRunDescription asked, DetectorRunDescription started)
    {
        ResumeCheck.CheckDevice(asked.DeterministicExact, started.DeterministicExact);
        if (asked.Key == started.Key) return;
        // Where features are kept changes nothing that is learnt.
        DetectorOptions alike = asked.Options with { CacheBytes = started.Options.CacheBytes };
        ResumeCheck.Compare(DetectionTrainingJson.Write(alike), DetectionTrainingJson.Write(started.Options));
        throw new RunFolderException(root, asked.Proposals == started.Proposals
            ? "holds a run with other data, proposals or starting network; go on with those, or name another folder."
            : $"holds a run on windows of {started.Proposals}, not of {asked.Proposals}; go on with those, or name another folder.");
    }
}
