namespace IlgpuSpp.Models;

/// <summary>The nodes and constants of an ONNX graph while it is put together (onnx.proto: GraphProto).</summary>
internal sealed class OnnxGraph
{
    private const int TypeFloat = 1, TypeInt64 = 7;
    private const int AttributeIsFloat = 1, AttributeIsInt = 2, AttributeIsInts = 7;

    private readonly List<OnnxMessage> _nodes = [];
    private readonly List<OnnxMessage> _constants = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>A name that nothing else in the graph has.</summary>
    public string Name(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++) name = FormattableString.Invariant($"{wanted}_{i}");
        return name;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="name">Wanted name of the node and of what it computes.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Values of type float, long or long[].</param>
    /// <returns>The output's name.</returns>
    public string Node(string type, string name, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        string output = Name(name);
        var node = new OnnxMessage();
        foreach (string input in inputs) node.Add(1, input);
        node.Add(2, output).Add(3, output).Add(4, type);
        foreach ((string key, object value) in attributes) node.Add(5, Attribute(key, value));
        _nodes.Add(node);
        return output;
    }

    public string Constant(string name, float[] values, params int[] extents)
    {
        string unique = Name(name);
        _constants.Add(Tensor(unique, TypeFloat, extents).AddRaw(9, values));
        return unique;
    }

    public string Constant(string name, params long[] values)
    {
        string unique = Name(name);
        _constants.Add(Tensor(unique, TypeInt64, [values.Length]).AddRaw(9, values));
        return unique;
    }

    /// <summary>The whole graph.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">The input's name and extents; a text is an extent that is open.</param>
    /// <param name="output">The output's.</param>
    public OnnxMessage Finish(string name, (string Name, object[] Extents) input, (string Name, object[] Extents) output)
    {
        var graph = new OnnxMessage();
        foreach (OnnxMessage node in _nodes) graph.Add(1, node);
        graph.Add(2, name);
        foreach (OnnxMessage constant in _constants) graph.Add(5, constant);
        return graph.Add(11, Declared(input.Name, input.Extents)).Add(12, Declared(output.Name, output.Extents));
    }

    private static OnnxMessage Tensor(string name, int type, int[] extents)
    {
        var tensor = new OnnxMessage();
        foreach (int extent in extents) tensor.Add(1, (long)extent);
        return tensor.Add(2, (long)type).Add(8, name);
    }

    private static OnnxMessage Attribute(string name, object value)
    {
        OnnxMessage attribute = new OnnxMessage().Add(1, name);
        switch (value)
        {
            case float number:
                return attribute.Add(2, number).Add(20, (long)AttributeIsFloat);
            case long number:
                return attribute.Add(3, number).Add(20, (long)AttributeIsInt);
            default:
                foreach (long number in (long[])value) attribute.Add(8, number);
                return attribute.Add(20, (long)AttributeIsInts);
        }
    }

    private static OnnxMessage Declared(string name, object[] extents)
    {
        var shape = new OnnxMessage();
        foreach (object extent in extents)
            shape.Add(1, extent is int known ? new OnnxMessage().Add(1, (long)known) : new OnnxMessage().Add(2, (string)extent));
        return new OnnxMessage().Add(1, name).Add(2, new OnnxMessage().Add(1, new OnnxMessage().Add(1, (long)TypeFloat).Add(2, shape)));
    }
}
