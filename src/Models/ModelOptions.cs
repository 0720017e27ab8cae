using System.Collections.Immutable;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Models;

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

    /// <inheritdoc/>
    public bool Equals(ModelOptions? other) =>
        other is not null && Classes == other.Classes && PyramidRule == other.PyramidRule && Dropout == other.Dropout &&
        Pyramid.AsSpan().SequenceEqual(other.Pyramid.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Classes, PyramidRule, Dropout, Pyramid.Length);
}
