namespace IlgpuSpp.Models;

/// <summary>One layer of a <c>.prototxt</c>, its type under the new format's name.</summary>
internal sealed record CaffeLayer(string Name, string Type, string WrittenType, int Line, IReadOnlyList<string> Bottoms, IReadOnlyList<string> Tops, PrototxtMessage Message) : IImportSource
{
    // The old format's names whose parts are not simply put together (caffe.proto, V1LayerParameter.LayerType).
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["RELU"] = "ReLU",
        ["CONV"] = "Convolution",
        ["POOL"] = "Pooling",
        ["INNERPRODUCT"] = "InnerProduct",
        ["IMAGES"] = "ImageData",
        ["PRELU"] = "PReLU",
        ["LRN"] = "LRN",
        ["SPP"] = "SPP",
        ["BN"] = "BN",
        ["TANH"] = "TanH",
        ["HDF5_DATA"] = "HDF5Data",
        ["SOFTMAX_LOSS"] = "SoftmaxWithLoss",
    };

    // The oldest form (V0LayerParameter): options of all layers side by side, or in messages of other names, as in the authors' release of SPP-net.
    private static readonly Dictionary<string, (string Message, string[] Options)> Oldest = new(StringComparer.Ordinal)
    {
        ["Convolution"] = ("convolution_param", ["num_output", "biasterm", "kernelsize", "pad", "stride", "group"]),
        ["InnerProduct"] = ("inner_product_param", ["num_output", "biasterm"]),
        ["Pooling"] = ("pooling_param", ["pool", "kernelsize", "pad", "stride", "spatial_bin"]),
        ["LRN"] = ("lrn_param", ["local_size", "alpha", "beta", "k", "norm_region"]),
        ["Dropout"] = ("dropout_param", ["dropout_ratio"]),
        ["Concat"] = ("concat_param", ["concat_dim"]),
        ["Data"] = ("data_param", ["meanfile", "cropsize"]),
        ["ImageData"] = ("image_data_param", ["meanfile", "cropsize"]),
    };

    private static readonly Dictionary<string, string> OldestNames = new(StringComparer.Ordinal)
    {
        ["biasterm"] = "bias_term",
        ["kernelsize"] = "kernel_size",
        ["meanfile"] = "mean_file",
        ["cropsize"] = "crop_size",
        ["conv_param"] = "convolution_param",
        ["pool_param"] = "pooling_param",
        ["innerproduct_param"] = "inner_product_param",
    };

    public static CaffeLayer Read(PrototxtMessage message, bool old)
    {
        if (old && message.Has("layer")) message = Unnested(message);
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

    // layers { layer { name type … } bottom top } as layers { name type …_param { … } bottom top }.
    private static PrototxtMessage Unnested(PrototxtMessage outer)
    {
        PrototxtMessage inner = outer.Message("layer"), flat = new(outer.Path, outer.Line);
        string type = NewName(inner.Text("type") ?? "");
        (string name, string[] options) = Oldest.TryGetValue(type, out (string, string[]) known) ? known : ("", []);
        PrototxtMessage own = new(outer.Path, inner.Line);
        foreach (PrototxtField field in inner.Fields)
        {
            PrototxtField renamed = OldestNames.TryGetValue(field.Name, out string? newer) ? field with { Name = newer } : field;
            if (field.Message is null && options.Contains(field.Name)) own.Fields.Add(renamed);
            else if (field.Message is not null && renamed.Name == name) own.Fields.AddRange(field.Message.Fields);
            else flat.Fields.Add(renamed);
        }
        if (own.Fields.Count > 0) flat.Fields.Add(new PrototxtField(name, inner.Line, null, own));
        flat.Fields.AddRange(outer.Fields.Where(field => field.Name != "layer"));
        return flat;
    }

    private static bool Meets(PrototxtMessage rule) => rule.Text("phase") is null or "TEST" && !rule.Has("stage") && rule.Whole("min_level", 0) == 0;

    private static string NewName(string old) => Irregular.TryGetValue(old.ToUpperInvariant(), out string? name)
        ? name
        : string.Concat(old.Split('_').Select(part => part.Length == 0 ? "" : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));
}
