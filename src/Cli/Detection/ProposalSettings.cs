using System.Text.Json;
using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary>The <see cref="ProposalPlan"/>s of the command line: those that it begins with, its options, and the one that a run's folder keeps so that tests use the same windows.</summary>
internal static class ProposalSettings
{
    /// <summary>For the drawn scenes, which are small and hold small shapes.</summary>
    public static ProposalPlan Scenes { get; } = new(ProposalPlan.Fast, 400, 12);

    /// <summary>The release's.</summary>
    public static ProposalPlan Photographs { get; } = new(ProposalPlan.Fast, 2000, 20);

    /// <summary>Whether a folder holds a plan, as that of every run of a detector does.</summary>
    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, ProposalPlan.FileName));

    /// <summary>The option that names the method.</summary>
    /// <param name="without">What holds where it is not given.</param>
    public static Option<string?> MethodOption(string without) => new("--proposals")
    {
        Description = $"Windows: fast | quality (selective search) | edges (edge boxes) | FILE.csv with the columns file,x1,y1,x2,y2, pixels counted from 0; several joined by +, such as fast+edges, for the windows of all, equal ones once{without}",
        HelpName = "method",
    };

    /// <summary>The option that bounds their number.</summary>
    public static Option<int?> MostOption() => new("--max-proposals") { Description = "Most windows of an image, of each method where several are joined; 0 for all.", HelpName = "n" };

    /// <summary>A plan with what was asked for on the command line in its place.</summary>
    public static ProposalPlan With(this ProposalPlan plan, string? method, int? most)
    {
        if (most < 0) throw new UsageException("--max-proposals must be at least 0.");
        ProposalPlan asked = plan with { Method = method ?? plan.Method, Most = most ?? plan.Most };
        string[] methods = [.. asked.Methods().Select(name => ProposalPlan.IsTable(name) ? Path.GetFullPath(name) : name)];
        foreach (string name in methods)
        {
            if (!ProposalPlan.IsMethod(name) && !ProposalPlan.IsTable(name)) throw new UsageException($"--proposals is fast, quality, edges or a .csv file, or several of these joined by +, not '{asked.Method}'.");
            if (methods.Count(other => other == name) > 1) throw new UsageException($"--proposals names '{name}' twice; once is enough.");
        }
        return asked with { Method = string.Join(ProposalPlan.Joint, methods) };
    }

    /// <summary>Keeps a plan in a run's folder.</summary>
    /// <exception cref="RunFolderException">The folder holds a run on other windows.</exception>
    public static void Write(this ProposalPlan plan, string folder)
    {
        string path = Path.Combine(folder, ProposalPlan.FileName);
        if (File.Exists(path))
        {
            if (Read(folder, needed: true) == plan) return;
            throw new RunFolderException(folder, "holds a run on other windows; go on with those, or name another folder.");
        }
        Directory.CreateDirectory(folder);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(plan, ProposalPlanContext.Default.ProposalPlan);
        AtomicFile.Write(path, stream => stream.Write(content));
    }

    /// <summary>Puts a detector's plan beside a file made from it, unless there are some already.</summary>
    public static void Copy(string fromModel, string toModel)
    {
        string from = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(fromModel))!, ProposalPlan.FileName), to = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(toModel))!, ProposalPlan.FileName);
        if (File.Exists(from) && !File.Exists(to)) File.Copy(from, to);
    }

    /// <summary>The plan of several runs, which must be the same unless others are asked for.</summary>
    public static ProposalPlan Read(IReadOnlyList<string> folders, string? method)
    {
        ProposalPlan[] settings = [.. folders.Select(folder => Read(folder, needed: method is null))];
        int other = Array.FindIndex(settings, own => own != settings[0]);
        if (other > 0 && method is null)
            throw new UsageException($"{folders[0]} was trained on windows of '{settings[0].Method}' (at most {settings[0].Most}), {folders[other]} on those of '{settings[other].Method}' (at most {settings[other].Most}); choose those to score with --proposals.");
        return settings[0];
    }

    private static ProposalPlan Read(string folder, bool needed)
    {
        string path = Path.Combine(folder, ProposalPlan.FileName);
        if (!File.Exists(path)) return needed ? throw new RunFolderException(folder, $"has no {ProposalPlan.FileName} that says on which windows the detector was trained; name them with --proposals.") : Photographs;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ProposalPlanContext.Default.ProposalPlan) ?? Photographs;
        }
        catch (JsonException)
        {
            throw new RunFolderException(folder, $"its {ProposalPlan.FileName} is damaged; delete it and name the windows with --proposals.");
        }
    }
}
