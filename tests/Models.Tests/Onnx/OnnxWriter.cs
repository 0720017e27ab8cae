using IlgpuSpp.Processes;

namespace IlgpuSpp.Models.Tests.Onnx;

/// <summary>Small ONNX graphs of the tests' own, written message by message.</summary>
internal sealed class OnnxWriter
{
    public const int Float = 1, Int64 = 7, Float16 = 10;

    private readonly OnnxMessage _graph = new();
    private readonly List<OnnxMessage> _constants = [];

    public long OperatorSet { get; set; } = 13;

    public object[] Input { get; set; } = [1, 3, 8, 8];

    public string Output { get; set; } = "out";

    /// <summary>A node; its output has its name. Attributes are of type long, long[], float or string.</summary>
    public OnnxWriter Node(string type, string name, string[] inputs, params (string Name, object Value)[] attributes)
    {
        var node = new OnnxMessage();
        foreach (string input in inputs) node.Add(1, input);
        node.Add(2, name).Add(3, name).Add(4, type);
        foreach ((string key, object value) in attributes)
        {
            OnnxMessage attribute = new OnnxMessage().Add(1, key);
            node.Add(5, value switch
            {
                float number => attribute.Add(2, number).Add(20, 1L),
                long number => attribute.Add(3, number).Add(20, 2L),
                string text => attribute.Add(4, text).Add(20, 3L),
                OnnxMessage tensor => attribute.Add(5, tensor).Add(20, 4L),
                long[] list => list.Aggregate(attribute, (message, number) => message.Add(8, number)).Add(20, 7L),
                _ => throw new ArgumentException(key),
            });
        }
        _graph.Add(1, node);
        return this;
    }

    public OnnxWriter Constant(OnnxMessage tensor)
    {
        _constants.Add(tensor);
        return this;
    }

    public OnnxWriter Constant(string name, float[] values, params long[] extents) => Constant(Tensor(name, Float, extents).AddRaw(9, values));

    public OnnxWriter Constant(string name, params long[] values) => Constant(Tensor(name, Int64, values.Length).AddRaw(9, values));

    public static OnnxMessage Tensor(string name, int type, params long[] extents)
    {
        var tensor = new OnnxMessage();
        foreach (long extent in extents) tensor.Add(1, extent);
        return tensor.Add(2, (long)type).Add(8, name);
    }

    public string Write(TemporaryFolder folder, string name = "net.onnx")
    {
        foreach (OnnxMessage constant in _constants) _graph.Add(5, constant);
        _graph.Add(11, Declared("in", Input)).Add(12, Declared(Output, []));
        OnnxMessage file = new OnnxMessage().Add(1, 7L).Add(7, _graph).Add(8, new OnnxMessage().Add(1, "").Add(2, OperatorSet));
        string path = folder[name];
        using FileStream stream = File.Create(path);
        using var output = new Google.Protobuf.CodedOutputStream(stream);
        file.Write(output, stream);
        output.Flush();
        return path;
    }

    private static OnnxMessage Declared(string name, object[] extents)
    {
        var shape = new OnnxMessage();
        foreach (object extent in extents) shape.Add(1, extent is int known ? new OnnxMessage().Add(1, (long)known) : new OnnxMessage().Add(2, (string)extent));
        return new OnnxMessage().Add(1, name).Add(2, new OnnxMessage().Add(1, new OnnxMessage().Add(1, (long)Float).Add(2, shape)));
    }
}
