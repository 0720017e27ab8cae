using System.Text.Json;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Where a run's windows come from; kept in its folder so that tests use the same.</summary>
/// <param name="Method">fast or quality: modes of selective search.</param>
/// <param name="Most">Most windows of an image; 0 for all.</param>
/// <param name="MinimumSide">Smallest side of a window in pixels.</param>
internal sealed record ProposalSettings(string Method, int Most, int MinimumSide)
{
    public const string Fast = "fast", Quality = "quality";

    private const string FileName = "proposals.json";

    /// <summary>For the drawn scenes, which are small and hold small shapes.</summary>
    public static ProposalSettings Scenes { get; } = new(Fast, 400, 12);

    /// <summary>The release's.</summary>
    public static ProposalSettings Photographs { get; } = new(Fast, 2000, 20);

    public IProposalMethod Open(string? cacheFolder, ILogger logger)
    {
        if (Method is not (Fast or Quality)) throw new UsageException($"--proposals is fast or quality, not '{Method}'.");
        SelectiveSearchOptions options = (Method == Fast ? SelectiveSearchOptions.Fast : SelectiveSearchOptions.Quality) with { MaximumProposals = Most, MinimumSide = MinimumSide };
        var search = new SelectiveSearch(options);
        return cacheFolder is null ? search : new ProposalCache(search, cacheFolder, logger: logger);
    }

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(this);
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(content));
    }

    public static ProposalSettings Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonSerializer.Deserialize<ProposalSettings>(File.ReadAllBytes(path)) ?? Photographs : Photographs;
    }
}
