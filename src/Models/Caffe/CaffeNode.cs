using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>How a node of the graph computes its output.</summary>
internal enum CaffeNodeKind
{
    /// <summary>The image.</summary>
    Input,

    /// <summary>Layers over one other node.</summary>
    Layers,

    /// <summary>Several nodes joined along the channels.</summary>
    Concat,

    /// <summary>The sum of several nodes.</summary>
    Sum,
}

/// <summary>One version of a blob: what a layer writes. Layers that write over their input make a new node.</summary>
internal sealed record CaffeNode(string Name, CaffeLayer? Definition, CaffeNodeKind Kind, IReadOnlyList<CaffeNode> Inputs, IReadOnlyList<Layer> Layers, Shape Shape)
{
    public bool IsMap => Shape.Rank == 4;

    /// <summary>Whether a layer over this node's only input may still be changed by the next one.</summary>
    public CaffeNode Source => Inputs[0];
}
