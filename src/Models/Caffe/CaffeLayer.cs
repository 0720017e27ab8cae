using IlgpuSpp.Engine;

namespace IlgpuSpp.Models;

/// <summary>One layer of a <c>.prototxt</c>, its type under the new format's name.</summary>
internal sealed record CaffeLayer(string Name, string Type, string WrittenType, int Line, IReadOnlyList<string> Bottoms, IReadOnlyList<string> Tops, PrototxtMessage Message)
{
    // The old format's names whose parts are not simply put together (caffe.proto, V1LayerParameter.LayerType).
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["RELU"] = "ReLU",
        ["PRELU"] = "PReLU",
        ["LRN"] = "LRN",
        ["SPP"] = "SPP",
        ["BN"] = "BN",
        ["TANH"] = "TanH",
        ["HDF5_DATA"] = "HDF5Data",
        ["SOFTMAX_LOSS"] = "SoftmaxWithLoss",
    };

    public static CaffeLayer Read(PrototxtMessage message, bool old)
    {
        string name = message.Text("name") ?? throw new ModelFormatException(message.Path, $"line {message.Line}: a layer has no name");
        string type = message.Text("type") ?? throw new ModelFormatException(message.Path, $"line {message.Line}: layer '{name}' has no type");
        return new CaffeLayer(name, old ? NewName(type) : type, type, message.Line, [.. message.Texts("bottom")], [.. message.Texts("top")], message);
    }

    /// <summary>Whether the layer is part of the network that is tested.</summary>
    public bool IsInTestPhase
    {
        get
        {
            List<PrototxtMessage> include = [.. Message.Messages("include")], exclude = [.. Message.Messages("exclude")];
            return include.Count > 0 ? include.Exists(Meets) : !exclude.Exists(Meets);
        }
    }

    /// <summary>Whether the layer feeds data, rather than computing on it.</summary>
    public bool IsData => Type is "Data" or "ImageData" or "MemoryData" or "HDF5Data" or "WindowData" or "DummyData" or "Input" || (Bottoms.Count == 0 && Type.EndsWith("Data", StringComparison.Ordinal));

    /// <summary>Whether the layer only measures, for training.</summary>
    public bool IsMeasure => Type is "Accuracy" or "Silence" or "HDF5Output" || Type.EndsWith("Loss", StringComparison.Ordinal);

    public ModelFormatException Error(string reason) => new(Message.Path, $"line {Line}: layer '{Name}': {reason}");

    private static bool Meets(PrototxtMessage rule) => rule.Text("phase") is null or "TEST" && !rule.Has("stage") && rule.Whole("min_level", 0) == 0;

    private static string NewName(string old) => Irregular.TryGetValue(old, out string? name)
        ? name
        : string.Concat(old.Split('_').Select(part => part.Length == 0 ? "" : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));
}
