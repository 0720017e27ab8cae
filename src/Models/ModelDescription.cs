using System.Collections.Immutable;

namespace IlgpuSpp.Models;

/// <summary>What is needed to use a model besides its weights; stored in the model file.</summary>
public sealed record ModelDescription
{
    /// <summary>Name of the network in the zoo, or a name of the user's own.</summary>
    public required string Architecture { get; init; }

    /// <summary>The network's options.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>Name of each class, in the order of the outputs; empty where none are known.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Other facts that travel with the model, such as the normalisation of its inputs, by name.</summary>
    public ImmutableSortedDictionary<string, string> Facts { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
