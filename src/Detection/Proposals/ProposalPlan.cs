using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Where windows come from, as it stands in the folder of a detector's run.</summary>
/// <param name="Method"><c>fast</c> or <c>quality</c>: modes of selective search; <c>edges</c>: edge boxes; or the path of a table of windows (.csv); several joined by +.</param>
/// <param name="Most">Most windows that each method gives of an image; 0 for all.</param>
/// <param name="MinimumSide">Smallest side of a window of selective search in pixels; edge boxes have its square for their smallest area.</param>
public sealed record ProposalPlan(string Method, int Most, int MinimumSide)
{
    internal const string Fast = "fast", Quality = "quality", Edges = "edges";

    internal const string FileName = "proposals.json", CacheFolder = "proposals";

    private const string TableExtension = ".csv";
    internal const char Joint = '+';

    /// <summary>The plan beside a detector.</summary>
    /// <param name="path">The detector's file, or its run's folder.</param>
    /// <exception cref="DataFormatException">There is none, or it is damaged.</exception>
    public static ProposalPlan OfDetector(string path)
    {
        string file = Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, FileName);
        if (!File.Exists(file)) throw new DataFormatException(file, "there is no such file, which says on which windows the detector was trained; put the run's beside the detector");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), ProposalPlanContext.Default.ProposalPlan) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new DataFormatException(file, "is damaged; put the run's there again");
        }
    }

    /// <summary>Opens the method; windows that are computed are kept in the folder of a run where there is one.</summary>
    /// <param name="runFolder">The folder; null keeps none.</param>
    /// <param name="logger">Receives warnings.</param>
    /// <param name="threads">Threads of selective search; 0 for one for each processor.</param>
    /// <exception cref="DataFormatException">A table of windows is damaged.</exception>
    public IProposalMethod Open(string? runFolder = null, ILogger? logger = null, int threads = 0)
    {
        IProposalMethod[] methods = [.. Methods().Select(name => Open(name, runFolder, logger, threads))];
        return methods.Length == 1 ? methods[0] : new JoinedProposals(methods);
    }

    internal static bool IsMethod(string name) => name is Fast or Quality or Edges;

    internal static bool IsTable(string name) => Path.GetExtension(name).Equals(TableExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>What the joints are between; those in the path of a table are part of it.</summary>
    internal List<string> Methods()
    {
        var names = new List<string>();
        bool open = false;
        foreach (string part in Method.Split(Joint))
        {
            if (open) names[^1] += Joint + part;
            else names.Add(part);
            open = !IsMethod(names[^1]) && !IsTable(names[^1]);
        }
        return names;
    }

    private IProposalMethod Open(string name, string? runFolder, ILogger? logger, int threads)
    {
        if (IsTable(name)) return new TableProposals(ProposalTable.Read(name), Most);
        IProposalMethod method = name == Edges
            ? new EdgeBoxes(new EdgeBoxesOptions { MaximumProposals = Most == 0 ? int.MaxValue : Most, MinimumArea = MinimumSide * MinimumSide })
            : new SelectiveSearch((name == Fast ? SelectiveSearchOptions.Fast : SelectiveSearchOptions.Quality) with { MaximumProposals = Most, MinimumSide = MinimumSide, Threads = threads });
        return runFolder is null ? method : new ProposalCache(method, Path.Combine(runFolder, CacheFolder), logger: logger);
    }
}

[JsonSerializable(typeof(ProposalPlan))]
internal sealed partial class ProposalPlanContext : JsonSerializerContext;
