namespace IlgpuSpp.Models;

/// <summary>Follows the image through a <c>.prototxt</c> and makes the node of every blob.</summary>
internal sealed class CaffeGraph
{
    private readonly CaffeLayerFactory _factory;
    private readonly Dictionary<string, ImportNode> _blobs = new(StringComparer.Ordinal);
    private readonly List<ImportNode> _nodes = [];
    private readonly HashSet<ImportNode> _consumed = new(ReferenceEqualityComparer.Instance);

    private CaffeGraph(CaffeNet net, CaffeWeightList weights)
    {
        _factory = new CaffeLayerFactory(weights);
        var image = new ImportNode(net.InputBlob, null, ImportNodeKind.Input, [], [], new Shape(1, net.Input.Height, net.Input.Width, 3));
        _blobs[net.InputBlob] = image;
        foreach (CaffeLayer layer in net.Layers)
            if (!layer.IsMeasure)
                Add(layer);
        List<ImportNode> ends = [.. _nodes.Where(node => !_consumed.Contains(node))];
        if (ends.Count == 0) throw new ModelFormatException(net.Path, "no layer computes on the input");
        Output = ends[^1].Definition is CaffeLayer { Type: "Softmax" } ? ends[^1].Source : ends[^1];
        LeftOut = [.. ends.SkipLast(1).Select(node => node.Name)];
    }

    /// <summary>The scores.</summary>
    public ImportNode Output { get; }

    /// <summary>Other ends of the graph, such as the side branches of GoogLeNet; they are not imported.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Makes the graph.</summary>
    /// <exception cref="ModelFormatException">A layer cannot be imported, or its weights do not fit; the message names it and its line.</exception>
    public static CaffeGraph Read(CaffeNet net, CaffeWeightList weights) => new(net, weights);

    private void Add(CaffeLayer layer)
    {
        ImportNode[] inputs = [.. layer.Bottoms.Select(bottom => Input(layer, bottom))];
        if (inputs.Length == 0) throw layer.Error($"it reads nothing, and layers of type {layer.WrittenType} are no input");
        ImportNode node;
        try
        {
            node = layer.Type switch
            {
                "Concat" => Concatenation(layer, inputs),
                "Eltwise" => Sum(layer, inputs),
                _ when inputs.Length > 1 => throw layer.Error($"layers of type {layer.WrittenType} with {inputs.Length} inputs cannot be imported; these can: {CaffeLayerFactory.KnownTypes}"),
                "Scale" when inputs[0].Definition is CaffeLayer { Type: "BatchNorm" } norm => Chain(layer, inputs[0].Source, [_factory.Normalisation(norm, layer, inputs[0].Shape)]),
                _ => Chain(layer, inputs[0], _factory.Create(layer, inputs[0])),
            };
        }
        catch (Exception error) when (error is ArgumentException or OverflowException or (IlgpuSppException and not ModelFormatException))
        {
            throw layer.Error(LayerRefusal.Reason(error));
        }
        foreach (ImportNode input in inputs) _consumed.Add(input);
        _nodes.Add(node);
        foreach (string top in layer.Tops) _blobs[top] = node;
    }

    private ImportNode Input(CaffeLayer layer, string blob)
    {
        if (!_blobs.TryGetValue(blob, out ImportNode? node)) throw layer.Error($"it reads '{blob}', which no layer before it computes");
        return node.Definition is CaffeLayer { Type: "Softmax" } ? throw layer.Error($"it computes on the probabilities of '{node.Name}'; a softmax can only stand at the end") : node;
    }

    private static ImportNode Chain(CaffeLayer layer, ImportNode input, IReadOnlyList<Layer> layers) =>
        ImportNode.Chain(layer.Name, layer, input, layers);

    private ImportNode Concatenation(CaffeLayer layer, ImportNode[] inputs)
    {
        PrototxtMessage options = layer.Message.Message("concat_param");
        if (options.Whole("axis", options.Whole("concat_dim", 1), -4, 4) is not (1 or -3)) throw layer.Error("only axis 1, the channels, can be joined");
        if (CaffePyramid.Of(inputs) is { } pyramid)
            return Chain(layer, inputs[0].Source.Source, [new SpatialPyramidPool(pyramid) { Name = _factory.Name(layer.Name) }]);
        return inputs.Length == 1
            ? Chain(layer, inputs[0], [])
            : new ImportNode(layer.Name, layer, ImportNodeKind.Concat, inputs, [], ShapeRules.Concat([.. inputs.Select(input => input.Shape)]));
    }

    private static ImportNode Sum(CaffeLayer layer, ImportNode[] inputs)
    {
        PrototxtMessage options = layer.Message.Message("eltwise_param");
        if (options.Text("operation") is not (null or "SUM" or "1")) throw layer.Error($"an Eltwise layer of operation {options.Text("operation")} cannot be imported; SUM can");
        if (options.Numbers("coeff").Any(coefficient => coefficient != 1)) throw layer.Error("coefficients other than 1 cannot be imported");
        if (inputs.Length < 2) throw layer.Error("a sum has at least two inputs");
        if (Array.Find(inputs, input => input.Shape != inputs[0].Shape) is { } other)
            throw layer.Error($"it adds maps of different shapes: {inputs[0].Name} {inputs[0].Shape} and {other.Name} {other.Shape}");
        return new ImportNode(layer.Name, layer, ImportNodeKind.Sum, inputs, [], inputs[0].Shape);
    }
}

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
