using System.Collections.Immutable;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training;

/// <summary>What a run was started with: <c>config.json</c> of its folder.</summary>
public sealed record RunConfiguration
{
    /// <summary>The version of the file that this program writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the file.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>How the network is trained.</summary>
    public required TrainerOptions Options { get; init; }

    /// <summary>The network.</summary>
    public required ModelDescription Model { get; init; }

    /// <summary>The data.</summary>
    public required DataDescription Data { get; init; }

    /// <summary>What the caller wants to find again, such as the command line; see <see cref="Trainer.Notes"/>.</summary>
    public ImmutableSortedDictionary<string, string> Notes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Reads the configuration of a run.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <exception cref="RunFolderException">There is no run in that folder, or its configuration cannot be read.</exception>
    public static RunConfiguration Load(string runFolder) => new RunFolder(runFolder).ReadConfiguration();
}
