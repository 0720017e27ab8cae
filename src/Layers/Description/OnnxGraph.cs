using System.Collections.Immutable;

namespace IlgpuSpp.Layers;

/// <summary>A tensor of an ONNX graph.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its shape here: NHWC, while in the graph it is NCHW. Rows and columns mean nothing where the size is open.</param>
public readonly record struct OnnxValue(string Name, Shape Shape)
{
    /// <summary>Whether it is a map, not a row.</summary>
    public bool IsMap => Shape.Rank == 4;
}

/// <summary>
/// A network in the terms of ONNX (operator set 13), while layers add themselves to it (<see cref="Layer.ToOnnx"/>): operators with
/// attributes and inputs, and constants. It knows nothing of files.
/// </summary>
public sealed class OnnxGraph
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxConstant> _constants = [];

    internal OnnxGraph(bool anySize) => AnySize = anySize;

    /// <summary>Whether the network is written for images of any size, so that no node may depend on a map's extents.</summary>
    public bool AnySize { get; }

    internal IReadOnlyList<OnnxNode> Nodes => _nodes;

    internal IReadOnlyList<OnnxConstant> Constants => _constants;

    /// <summary>Adds a node with one output.</summary>
    /// <param name="type">The operator, e.g. <c>Conv</c>.</param>
    /// <param name="name">Wanted name of the node and of what it computes.</param>
    /// <param name="inputs">Names of what it reads.</param>
    /// <param name="attributes">Values of type <see cref="float"/>, <see cref="long"/> or <see cref="long"/>[].</param>
    /// <returns>The output's name.</returns>
    /// <exception cref="ArgumentException">An attribute has another type.</exception>
    public string Node(string type, string name, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        if (Array.Find(attributes, attribute => attribute.Value is not (float or long or long[])) is { Name: { } wrong })
            throw new ArgumentException($"Attribute {wrong} of {type} must be a float, a long or an array of long.", nameof(attributes));
        string output = Name(name);
        _nodes.Add(new OnnxNode(type, output, [.. inputs], [.. attributes]));
        return output;
    }

    /// <summary>Adds a constant.</summary>
    /// <param name="name">Wanted name.</param>
    /// <param name="values">Its values, row-major.</param>
    /// <param name="extents">Its extents, outermost first.</param>
    /// <returns>Its name.</returns>
    public string Constant(string name, float[] values, params int[] extents) => Constant(name, [.. extents], values, []);

    /// <summary>Adds a constant list of whole numbers.</summary>
    /// <param name="name">Wanted name.</param>
    /// <param name="values">Its values.</param>
    /// <returns>Its name.</returns>
    public string Constant(string name, params long[] values) => Constant(name, [values.Length], null, values);

    /// <summary>Adds a parameter's values in the order of files, under the layer's name and its own.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="layer">Name of the layer in the graph.</param>
    /// <returns>The constant's name.</returns>
    public string Constant(Parameter parameter, string layer) =>
        Constant($"{layer}.{parameter.Name}", parameter.ToFile(parameter.Value.ToArray()), parameter.FileShape.ToArray());

    /// <summary>Adds a layer inside a container.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="container">Name of the container in the graph; empty for the outermost.</param>
    /// <returns>What it computes.</returns>
    /// <exception cref="NotSupportedException">ONNX cannot express the layer, or not for images of any size.</exception>
    public OnnxValue Add(Layer layer, OnnxValue input, string container) =>
        new(layer.ToOnnx(this, input, container.Length == 0 ? layer.Name : $"{container}.{layer.Name}"), layer.OutputShape(input.Shape));

    /// <summary>Adds an activation; for layers that apply one.</summary>
    internal string Activated(Activation activation, string input, string name) => activation.Kind switch
    {
        ActivationKind.Relu => Node("Relu", name, [input]),
        ActivationKind.LeakyRelu => Node("LeakyRelu", name, [input], ("alpha", activation.Slope)),
        ActivationKind.Sigmoid => Node("Sigmoid", name, [input]),
        ActivationKind.Relu6 => Node("Clip", name, [input, Constant(name + ".least", [0f], []), Constant(name + ".most", [6f], [])]),
        ActivationKind.HardSigmoid => Node("HardSigmoid", name, [input], ("alpha", activation.Slope), ("beta", 0.5f)),
        _ => throw new NotSupportedException($"{name}: the activation {activation.Kind} cannot be written as ONNX."),
    };

    /// <summary>Refuses a map of open size for a layer that takes one size only.</summary>
    internal void RequireKnownSize(Layer layer, OnnxValue input, string name)
    {
        if (AnySize && input.IsMap)
            throw new NotSupportedException($"{name} ({layer.Kind}) takes a map of one size only, so that the network cannot be written for images of any size; give the size.");
    }

    /// <summary>A name that nothing else in the graph has.</summary>
    internal string Name(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++) name = FormattableString.Invariant($"{wanted}_{i}");
        return name;
    }

    private string Constant(string name, ImmutableArray<int> extents, float[]? floats, long[] integers)
    {
        string unique = Name(name);
        _constants.Add(new OnnxConstant(unique, extents, floats, integers));
        return unique;
    }
}

/// <summary>A node of an ONNX graph; its output has its name.</summary>
internal sealed record OnnxNode(string Operator, string Name, ImmutableArray<string> Inputs, ImmutableArray<(string Name, object Value)> Attributes);

/// <summary>A constant of an ONNX graph: single-precision numbers, or whole ones where there are none.</summary>
internal sealed record OnnxConstant(string Name, ImmutableArray<int> Extents, float[]? Floats, long[] Integers);
