namespace IlgpuSpp.Models;

/// <summary>The part of a foreign file that a node comes from; it words errors with its own name and place.</summary>
internal interface IImportSource
{
    ModelFormatException Error(string reason);
}

/// <summary>How a node of the graph computes its output.</summary>
internal enum ImportNodeKind
{
    /// <summary>The image.</summary>
    Input,

    /// <summary>Layers over one other node.</summary>
    Layers,

    /// <summary>Several nodes joined along the channels.</summary>
    Concat,

    /// <summary>The sum of several nodes, through an activation where the node has one.</summary>
    Sum,
}

/// <summary>What one step of a foreign network computes.</summary>
internal sealed record ImportNode(string Name, IImportSource? Definition, ImportNodeKind Kind, IReadOnlyList<ImportNode> Inputs, IReadOnlyList<Layer> Layers, Shape Shape, Activation Activation = default)
{
    public bool IsMap => Shape.Rank == 4;

    /// <summary>The only input, or the first of several.</summary>
    public ImportNode Source => Inputs[0];

    /// <summary>Layers over a node.</summary>
    public static ImportNode Chain(string name, IImportSource definition, ImportNode input, IReadOnlyList<Layer> layers) =>
        new(name, definition, ImportNodeKind.Layers, [input], layers, layers.Aggregate(input.Shape, (shape, next) => next.OutputShape(shape)));
}
