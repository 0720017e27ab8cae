using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Pretrained;

namespace IlgpuSpp.Cli.Commands;

/// <summary>What is named where a command takes the file of a model.</summary>
internal static class ModelPath
{
    /// <summary>Refuses the run folder of a detector, and a name where there is no file.</summary>
    /// <param name="path">What was named.</param>
    /// <param name="forDetectors">The command that does with detectors what this one does with classifiers.</param>
    /// <exception cref="UsageException">It is one of them.</exception>
    public static void Check(string path, string forDetectors)
    {
        if (Directory.Exists(path))
        {
            if (Detector.IsFinished(path)) throw new UsageException($"{path}: is the run folder of a detector; name the file in it, {DetectorIn(path)}, or use 'ilgpuspp {forDetectors}'.");
            if (ProposalSettings.AreIn(path)) throw new UsageException($"{path}: is the run folder of a detector that is not finished; run its 'ilgpuspp detect train' again to go on, then use 'ilgpuspp {forDetectors}'.");
        }
        else if (!Path.Exists(path) && IsName(path))
        {
            throw NoSuchNetwork(path);
        }
    }

    /// <summary>The same, and refuses a detector's file, which would call every image background.</summary>
    /// <param name="path">What was named.</param>
    /// <param name="forDetectors">The command for detectors.</param>
    /// <exception cref="UsageException">It is one of them.</exception>
    public static void CheckClassifier(string path, string forDetectors)
    {
        if (Directory.Exists(path) && Detector.IsFinished(path)) throw new UsageException($"{path}: is the run folder of a detector, which knows windows of images, not whole ones; use 'ilgpuspp {forDetectors}'.");
        Check(path, forDetectors);
        if (Detector.IsIn(path)) throw new UsageException($"{path}: holds a detector, which knows windows of images, not whole ones; use 'ilgpuspp {forDetectors}'.");
    }

    /// <summary>The refusal of a name where a file is due: of trained weights, which one starts from, or of nothing known.</summary>
    public static UsageException NoSuchNetwork(string name) => PretrainedNetwork.Find(name) is { } known
        ? new($"{known.Name} names trained weights to start from, and here the file of a model is due; train on images with 'ilgpuspp train --from {known.Name}' and name the run's best.safetensors.")
        : new($"there is no model file or network '{name}'{Hint(name) ?? "."} 'ilgpuspp models pull' lists the networks with trained weights.");

    /// <summary>A question for the trained weights that a name is near, or null.</summary>
    public static string? Hint(string name)
    {
        // resnet50 is near resnet18-imagenet, though most letters differ: what it was trained on may be left out.
        IEnumerable<string> known = PretrainedNetwork.All.SelectMany(network => (string[])[network.Name, Beginning(network.Name)]).Distinct();
        return Spelling.Closest(name, known) is { } nearest ? $"; did you mean {PretrainedNetwork.All.First(network => network.Name == nearest || Beginning(network.Name) == nearest).Name}?" : null;
    }

    // A file of a model has an ending, or lies in a folder.
    private static bool IsName(string path) => path.Length > 0 && Path.GetExtension(path).Length == 0 && !path.AsSpan().ContainsAny('/', '\\');

    private static string Beginning(string name) => name.Split('-')[0];

    private static string DetectorIn(string folder) => Path.Combine(folder, "detector.safetensors");
}
