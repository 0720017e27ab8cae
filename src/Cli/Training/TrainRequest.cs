using System.Collections.Immutable;

namespace IlgpuSpp.Cli.Training;

/// <summary>A training run as the command line asks for it, every default filled in.</summary>
internal sealed record TrainRequest
{
    public required DataRequest Data { get; init; }

    /// <summary>What is said of the recipe that is followed; empty without one.</summary>
    public IReadOnlyList<string> Recipe { get; init; } = [];

    public required string Model { get; init; }

    public required ModelOptions ModelOptions { get; init; }

    /// <summary>The model whose weights training starts from; null for first values.</summary>
    public string? From { get; init; }

    /// <summary>What is put in place of the end of <see cref="From"/>; null for its own.</summary>
    public NewHead? Head { get; init; }

    /// <summary>Whether the input normalisation of <see cref="From"/> is kept.</summary>
    public bool KeepNormalisation { get; init; }

    public required TrainerOptions Options { get; init; }

    public required string RunFolder { get; init; }

    public bool Resume { get; init; }

    /// <summary>Whether the run to go on with gives the same bits on every processor.</summary>
    public bool DeterministicExact { get; init; }

    /// <summary>The command line of the first start, as a shell takes it; null where a run was started without one.</summary>
    public string? Command { get; init; }

    public bool Overwrite { get; init; }

    public string TitleOf(Model model) => $"{model.Description.Name} on {Data.Name}";

    /// <summary>Under what name the run remembers <see cref="Command"/>.</summary>
    public const string CommandNote = "command";

    public ImmutableSortedDictionary<string, string> ToNotes()
    {
        var notes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        Data.AddTo(notes);
        if (From is not null) notes["from"] = Path.GetFullPath(From);
        if (Command is not null) notes[CommandNote] = Command;
        return notes.ToImmutable();
    }
}
