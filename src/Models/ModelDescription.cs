using System.Collections.Immutable;
using System.Text.Json.Serialization;

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

    /// <summary>What people call the network: the name of the published weights that it came from, else that of its architecture.</summary>
    [JsonIgnore]
    public string Name => Facts.GetValueOrDefault(PretrainedFacts + "name") ?? Architecture;

    /// <summary>What the names of facts about published weights begin with: their name, source and licence, which stay with every model trained from them.</summary>
    public const string PretrainedFacts = "pretrained.";
}

/// <summary>What may be chosen about a network of the zoo.</summary>
public sealed record ModelOptions
{
    /// <summary>Number of classes, at least 2.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>
    /// Levels of the spatial pyramid in output order, or empty for none: the network then pools to a fixed grid as its
    /// forerunners did and takes one input size only.
    /// </summary>
    public ImmutableArray<int> Pyramid { get; init; } = [1, 2, 3, 6];

    /// <summary>How pyramid levels divide a map.</summary>
    public PyramidRule PyramidRule { get; init; }

    /// <summary>Rate of the dropout on hidden fully connected layers, in [0, 1); null for the network's own.</summary>
    public float? Dropout { get; init; }

    /// <summary>What the channels and hidden units of every layer are multiplied by, in (0, 4]; 1 is the published network. Products are rounded, halves up, and at least 1.</summary>
    public double Width { get; init; } = 1;

    /// <summary>The largest width.</summary>
    public const double MaxWidth = 4;

    /// <inheritdoc/>
    public bool Equals(ModelOptions? other) =>
        other is not null && Classes == other.Classes && PyramidRule == other.PyramidRule && Dropout == other.Dropout && Width == other.Width &&
        Pyramid.AsSpan().SequenceEqual(other.Pyramid.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Classes, PyramidRule, Dropout, Width, Pyramid.Length);
}
