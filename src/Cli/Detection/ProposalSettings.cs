using System.Text.Json;
using System.Text.Json.Serialization;
using IlgpuSpp.Cli.Commands;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Where windows come from; kept in a run's folder so that tests use the same.</summary>
/// <param name="Method">fast or quality: modes of selective search; edges: edge boxes; or the path of a table of windows (.csv); several joined by +.</param>
/// <param name="Most">Most windows that each method gives of an image; 0 for all.</param>
/// <param name="MinimumSide">Smallest side of a window of selective search in pixels; edge boxes have its square for their smallest area.</param>
internal sealed record ProposalSettings(string Method, int Most, int MinimumSide)
{
    public const string Fast = ProposalPlan.Fast, Quality = ProposalPlan.Quality, Edges = ProposalPlan.Edges;

    private const string FileName = ProposalPlan.FileName;
    private const char Joint = '+';

    /// <summary>For the drawn scenes, which are small and hold small shapes.</summary>
    public static ProposalSettings Scenes { get; } = new(Fast, 400, 12);

    /// <summary>The release's.</summary>
    public static ProposalSettings Photographs { get; } = new(Fast, 2000, 20);

    /// <summary>Whether a folder holds settings, as that of every run of a detector does.</summary>
    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>The option that names the method.</summary>
    /// <param name="without">What holds where it is not given.</param>
    public static Option<string?> MethodOption(string without) => new("--proposals")
    {
        Description = $"Windows: fast | quality (selective search) | edges (edge boxes) | FILE.csv with the columns file,x1,y1,x2,y2, pixels counted from 0; several joined by +, such as fast+edges, for the windows of all, equal ones once{without}",
        HelpName = "method",
    };

    /// <summary>The option that bounds their number.</summary>
    public static Option<int?> MostOption() => new("--max-proposals") { Description = "Most windows of an image, of each method where several are joined; 0 for all.", HelpName = "n" };

    /// <summary>These settings with what was asked for on the command line in their place.</summary>
    public ProposalSettings With(string? method, int? most)
    {
        if (most < 0) throw new UsageException("--max-proposals must be at least 0.");
        ProposalSettings settings = this with { Method = method ?? Method, Most = most ?? Most };
        string[] methods = [.. new ProposalPlan(settings.Method, 0, 0).Methods().Select(name => ProposalPlan.IsTable(name) ? Path.GetFullPath(name) : name)];
        foreach (string name in methods)
        {
            if (!ProposalPlan.IsMethod(name) && !ProposalPlan.IsTable(name)) throw new UsageException($"--proposals is fast, quality, edges or a .csv file, or several of these joined by +, not '{settings.Method}'.");
            if (methods.Count(other => other == name) > 1) throw new UsageException($"--proposals names '{name}' twice; once is enough.");
        }
        return settings with { Method = string.Join(Joint, methods) };
    }

    /// <summary>Opens the method; windows that are computed are kept in the folder of a run where there is one.</summary>
    public IProposalMethod Open(string? runFolder, ILogger logger, int threads = 0) => new ProposalPlan(Method, Most, MinimumSide).Open(runFolder, logger, threads);

    /// <summary>Keeps the settings in a run's folder.</summary>
    /// <exception cref="RunFolderException">The folder holds a run on other windows.</exception>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            if (Read(folder, needed: true) == this) return;
            throw new RunFolderException(folder, "holds a run on other windows; go on with those, or name another folder.");
        }
        Directory.CreateDirectory(folder);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(this, ProposalContext.Default.ProposalSettings);
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    /// <summary>Puts a detector's settings beside a file made from it, unless there are some already.</summary>
    public static void Copy(string fromModel, string toModel)
    {
        string from = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(fromModel))!, FileName), to = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(toModel))!, FileName);
        if (File.Exists(from) && !File.Exists(to)) File.Copy(from, to);
    }

    /// <summary>The settings of several runs, which must be the same unless others are asked for.</summary>
    public static ProposalSettings Read(IReadOnlyList<string> folders, string? method)
    {
        ProposalSettings[] settings = [.. folders.Select(folder => Read(folder, needed: method is null))];
        int other = Array.FindIndex(settings, own => own != settings[0]);
        if (other > 0 && method is null)
            throw new UsageException($"{folders[0]} was trained on windows of '{settings[0].Method}' (at most {settings[0].Most}), {folders[other]} on those of '{settings[other].Method}' (at most {settings[other].Most}); choose those to score with --proposals.");
        return settings[0];
    }

    private static ProposalSettings Read(string folder, bool needed)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return needed ? throw new RunFolderException(folder, $"has no {FileName} that says on which windows the detector was trained; name them with --proposals.") : Photographs;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ProposalContext.Default.ProposalSettings) ?? Photographs;
        }
        catch (JsonException)
        {
            throw new RunFolderException(folder, $"its {FileName} is damaged; delete it and name the windows with --proposals.");
        }
    }
}

[JsonSerializable(typeof(ProposalSettings))]
internal sealed partial class ProposalContext : JsonSerializerContext;
