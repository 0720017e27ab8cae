using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IlgpuSpp.Training;

/// <summary>The files of a run. Each is written under a temporary name, flushed and renamed: whatever happens, a file is whole, old or new.</summary>
/// <param name="path">The folder.</param>
public sealed class RunFolder(string path)
{
    /// <summary>Name of the configuration, <see cref="RunConfiguration"/>.</summary>
    public const string ConfigurationName = "config.json";

    /// <summary>Name of the table of epochs, one <see cref="EpochMetrics"/> a line.</summary>
    public const string MetricsName = "metrics.csv";

    /// <summary>Name of the model with the best weights.</summary>
    public const string BestName = "best.safetensors";

    /// <summary>Name of the state to resume from.</summary>
    public const string LastName = "last.safetensors";

    /// <summary>Name of the report.</summary>
    public const string ReportName = "report.html";

    // Tables of earlier versions do not have them.
    private static readonly string[] LaterColumns = ["train_seconds", "eval_seconds"];
    private static readonly string[] Columns = ["epoch", "size", "lr", "train_loss", "train_top1", "val_loss", "val_top1", "val_top5", "images_per_second", .. LaterColumns, "seconds"];

    // ENOSPC and EDQUOT of Linux, ENOSPC and EDQUOT of macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] FullCodes = [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>The folder.</summary>
    public string Root { get; } = path;

    /// <summary>The configuration's path.</summary>
    public string ConfigurationFile => Path.Combine(Root, ConfigurationName);

    /// <summary>The path of the table of epochs.</summary>
    public string MetricsFile => Path.Combine(Root, MetricsName);

    /// <summary>The path of the model with the best weights.</summary>
    public string BestFile => Path.Combine(Root, BestName);

    /// <summary>The path of the state to resume from.</summary>
    public string LastFile => Path.Combine(Root, LastName);

    /// <summary>The report's path.</summary>
    public string ReportFile => Path.Combine(Root, ReportName);

    /// <summary>Whether the folder holds a run, finished or not.</summary>
    public bool HoldsRun => Files.Any(File.Exists);

    private string[] Files => [ConfigurationFile, MetricsFile, BestFile, LastFile, ReportFile];

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="RunFolderException">There is none, or it cannot be read.</exception>
    public RunConfiguration ReadConfiguration()
    {
        if (!File.Exists(ConfigurationFile)) throw new RunFolderException(Root, $"there is no run in this folder ({ConfigurationName} is missing); check the path or start a new run.");
        try
        {
            RunConfiguration configuration = RunJson.ReadConfiguration(File.ReadAllText(ConfigurationFile)) ?? throw new JsonException("it is empty");
            return configuration.Version == RunConfiguration.CurrentVersion
                ? configuration
                : throw new RunFolderException(ConfigurationFile, $"has version {configuration.Version}, but this program reads version {RunConfiguration.CurrentVersion}; use the program that wrote it.");
        }
        catch (JsonException e)
        {
            throw new RunFolderException(ConfigurationFile, $"cannot be read (line {(e.LineNumber ?? 0) + 1} is damaged); restore it or start a new run.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(ConfigurationFile, $"cannot be read ({e.Message}); change its permissions.", e);
        }
    }

    /// <summary>Reads the table of epochs; empty where there is none yet.</summary>
    /// <exception cref="RunFolderException">The table cannot be read.</exception>
    public IReadOnlyList<EpochMetrics> ReadMetrics()
    {
        if (!File.Exists(MetricsFile)) return [];
        try
        {
            var epochs = new List<EpochMetrics>();
            using CsvTable table = CsvTable.Open(MetricsFile, [.. Columns.Except(LaterColumns)]);
            while (table.Next())
            {
                epochs.Add(new EpochMetrics
                {
                    Epoch = (int)Number("epoch"),
                    Size = (int)Number("size"),
                    LearningRate = Number("lr"),
                    TrainLoss = Number("train_loss"),
                    TrainTop1 = Number("train_top1"),
                    ValidationLoss = Optional("val_loss"),
                    ValidationTop1 = Optional("val_top1"),
                    ValidationTop5 = Optional("val_top5"),
                    ImagesPerSecond = Number("images_per_second"),
                    TrainSeconds = Optional("train_seconds") ?? 0,
                    EvaluationSeconds = Optional("eval_seconds") ?? 0,
                    Seconds = Number("seconds"),
                });
            }
            return epochs;

            double? Optional(string column) => table.Optional(column).Length == 0 ? null : Number(column);
            // A loss may not be a number.
            double Number(string column) => double.TryParse(table.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : table.Number(column);
        }
        catch (Exception e) when (e is DatasetException or IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(MetricsFile, $"cannot be read ({FirstLine(e.Message)}); resume the run, which writes it again.", e);
        }
    }

    /// <summary>Makes the folder ready for a new run.</summary>
    /// <param name="overwrite">Whether a run that is there is removed.</param>
    /// <returns>The folder's lock.</returns>
    /// <exception cref="RunFolderException">The folder holds a run, is in use, or cannot be written.</exception>
    internal RunLock Begin(bool overwrite)
    {
        Guard(Root, () => Directory.CreateDirectory(Root));
        if (HoldsRun && !overwrite)
            throw new RunFolderException(Root, "holds a run already; resume it, allow it to be overwritten, or choose another folder.");
        RunLock taken = RunLock.Take(Root);
        try
        {
            Guard(Root, () =>
            {
                RemoveTemporaries();
                Array.ForEach(Files, File.Delete);
            });
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Makes the folder ready for going on with its run.</summary>
    /// <returns>The folder's lock.</returns>
    /// <exception cref="RunFolderException">The folder holds no checkpoint, is in use, or cannot be written.</exception>
    internal RunLock BeginResume()
    {
        if (!File.Exists(LastFile))
            throw new RunFolderException(Root, File.Exists(ConfigurationFile)
                ? $"the run ended before its first checkpoint ({LastName} is missing); start it again and allow it to be overwritten."
                : $"there is no run in this folder ({LastName} is missing); check the path or start a new run.");
        RunLock taken = RunLock.Take(Root);
        try
        {
            Guard(Root, RemoveTemporaries);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    internal void WriteConfiguration(RunConfiguration configuration) => WriteText(ConfigurationFile, RunJson.Write(configuration) + "\n");

    internal void WriteMetrics(IEnumerable<EpochMetrics> epochs) => Guard(MetricsFile, () => CsvTable.Write(MetricsFile, Columns, epochs.Select(e => new[]
    {
        e.Epoch, e.Size, e.LearningRate, e.TrainLoss, e.TrainTop1, e.ValidationLoss, e.ValidationTop1, e.ValidationTop5, e.ImagesPerSecond, e.TrainSeconds, e.EvaluationSeconds, e.Seconds,
    }.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "")), "\n"));

    /// <summary>Runs something that writes, and names what to do where it cannot.</summary>
    /// <param name="location">What is written.</param>
    /// <param name="write">Writes it.</param>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    internal static void Guard(string location, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal(location, e);
        }
    }

    internal static bool IsFull(Exception e) => FullCodes.Contains(e.HResult);

    internal static RunFolderException Refusal(string location, Exception e) => new(
        location,
        IsFull(e)
            ? "the disk is full; free some space and resume the run, nothing that was saved is lost."
            : $"cannot be written ({FirstLine(e.Message)}); choose a folder that can.",
        e);

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('\r', '.');

    internal static void WriteText(string path, string text) =>
        Guard(path, () => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text))));

    // What a killed process left half written.
    private void RemoveTemporaries()
    {
        foreach (string file in Files.SelectMany(file => Directory.GetFiles(Root, Path.GetFileName(file) + ".*.tmp"))) File.Delete(file);
    }
}

/// <summary>A run's folder cannot be used or written: it holds another run, is not writable, or the disk is full.</summary>
/// <param name="path">The folder or the file in it.</param>
/// <param name="reason">One line: what is wrong and what to do about it.</param>
/// <param name="inner">The failure underneath, where there was one.</param>
public sealed class RunFolderException(string path, string reason, Exception? inner = null)
    : IlgpuSppException($"{path}: {reason}", inner)
{
    /// <summary>The folder or the file in it.</summary>
    public string Location { get; } = path;

    /// <summary>What is wrong and what to do about it, without the location.</summary>
    public string Reason { get; } = reason;
}
