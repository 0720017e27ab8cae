namespace IlgpuSpp.Models;

/// <summary>Puts a graph into the messages of an ONNX file (onnx.proto: GraphProto, NodeProto, TensorProto).</summary>
internal static class OnnxFile
{
    private const int TypeFloat = 1, TypeInt64 = 7;
    private const int AttributeIsFloat = 1, AttributeIsInt = 2, AttributeIsInts = 7;

    /// <summary>The whole graph.</summary>
    /// <param name="graph">The nodes and constants.</param>
    /// <param name="name">Its name.</param>
    /// <param name="input">The input's name and extents; a text is an extent that is open.</param>
    /// <param name="output">The output's.</param>
    public static OnnxMessage Message(OnnxGraph graph, string name, (string Name, object[] Extents) input, (string Name, object[] Extents) output)
    {
        var message = new OnnxMessage();
        foreach (OnnxNode node in graph.Nodes) message.Add(1, Message(node));
        message.Add(2, name);
        foreach (OnnxConstant constant in graph.Constants) message.Add(5, Message(constant));
        return message.Add(11, Declared(input.Name, input.Extents)).Add(12, Declared(output.Name, output.Extents));
    }

    private static OnnxMessage Message(OnnxNode node)
    {
        var message = new OnnxMessage();
        foreach (string input in node.Inputs) message.Add(1, input);
        message.Add(2, node.Name).Add(3, node.Name).Add(4, node.Operator);
        foreach ((string key, object value) in node.Attributes) message.Add(5, Attribute(key, value));
        return message;
    }

    private static OnnxMessage Message(OnnxConstant constant)
    {
        var message = new OnnxMessage();
        foreach (int extent in constant.Extents) message.Add(1, (long)extent);
        message.Add(2, (long)(constant.Floats is null ? TypeInt64 : TypeFloat)).Add(8, constant.Name);
        return constant.Floats is { } values ? message.AddRaw(9, values) : message.AddRaw(9, constant.Integers);
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
