using System.Collections.Immutable;
using IlgpuSpp.Models;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Training;

/// <summary>A training run as the command line asks for it, every default filled in.</summary>
internal sealed record TrainRequest
{
    public required DataRequest Data { get; init; }

    public required string Model { get; init; }

    public required ModelOptions ModelOptions { get; init; }

    public required TrainerOptions Options { get; init; }

    public required string RunFolder { get; init; }

    public bool Resume { get; init; }

    public bool Overwrite { get; init; }

    public string Title => $"{Model} on {Data.Name}";

    public ImmutableSortedDictionary<string, string> ToNotes()
    {
        var notes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        Data.AddTo(notes);
        return notes.ToImmutable();
    }
}
