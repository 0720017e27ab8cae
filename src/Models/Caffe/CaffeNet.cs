namespace IlgpuSpp.Models;

/// <summary>A <c>.prototxt</c>: the layers of its test phase, and its input.</summary>
internal sealed class CaffeNet(string path, string inputBlob, CaffeInput input, IReadOnlyList<CaffeLayer> layers)
{
    private const int MostLayers = 5000;

    public string Path { get; } = path;

    /// <summary>The blob that holds the image.</summary>
    public string InputBlob { get; } = inputBlob;

    public CaffeInput Input { get; } = input;

    /// <summary>The layers that compute, in the order of the file.</summary>
    public IReadOnlyList<CaffeLayer> Layers { get; } = layers;

    public static CaffeNet Read(string path, int? size)
    {
        PrototxtMessage net = PrototxtParser.ParseFile(path);
        if (net.Has("layers") && net.Has("layer")) throw new ModelFormatException(path, "it mixes layers of the old form ('layers') and the new one ('layer')");
        List<CaffeLayer> all = [.. net.Messages("layers").Select(message => CaffeLayer.Read(message, old: true)), .. net.Messages("layer").Select(message => CaffeLayer.Read(message, old: false))];
        if (all.Count == 0) throw new ModelFormatException(path, "it has no layers");
        if (all.Count > MostLayers) throw new ModelFormatException(path, $"it has {all.Count} layers; at most {MostLayers} are imported");
        List<CaffeLayer> tested = [.. all.Where(layer => layer.IsInTestPhase)];
        CaffeLayer? data = tested.Find(layer => layer.IsData);
        // A second input that only losses and accuracies read is no input of the network: a label for training.
        string[] inputs = [.. net.Texts("input")];
        if (inputs.Skip(1).Where(second => second != "label" && !IsLabel(second)).ToArray() is { Length: > 0 } others)
            throw new ModelFormatException(path, $"it has {others.Length + 1} inputs, '{inputs[0]}' and '{string.Join("', '", others)}'; networks with one input, an image, can be imported");
        string blob = net.Text("input") is not null ? net.Texts("input").First() : (data is { Tops: [var first, ..] } ? first : null) ?? throw new ModelFormatException(path, "it has neither an input nor a data layer");
        int[] extents = net.Wholes("input_dim") is { Length: >= 4 } listed ? listed[..4] : Extents(net, data);
        if (size is { } side) extents = [1, extents is [_, var declared, ..] ? declared : 3, side, side];
        if (extents.Length != 4) throw new ModelFormatException(path, "it does not say how large its input is; give the size");
        if (extents[1] != 3) throw new ModelFormatException(path, $"its input has {extents[1]} channels; images have 3");
        PrototxtMessage transform = data?.Message.Message("transform_param") ?? new PrototxtMessage(path, 1);
        float[] mean = [.. transform.Numbers("mean_value")];
        if (mean.Length is not (0 or 1 or 3)) throw new ModelFormatException(path, $"line {transform.Line}: mean_value must be given once or three times, not {mean.Length} times");
        var input = new CaffeInput(extents[2], extents[3], mean.Length switch { 0 => null, 1 => [mean[0], mean[0], mean[0]], _ => mean }, transform.Text("mean_file") ?? MeanFileOf(data), transform.Number("scale", 1));
        if (!(input.Scale > 0)) throw new ModelFormatException(path, $"line {transform.Line}: scale must be above 0");
        return new CaffeNet(path, blob, input, [.. tested.Where(layer => !layer.IsData)]);

        bool IsLabel(string input) => tested.Exists(layer => layer.Bottoms.Contains(input)) && tested.TrueForAll(layer => layer.IsMeasure || !layer.Bottoms.Contains(input));
    }

    private static int[] Extents(PrototxtMessage net, CaffeLayer? data)
    {
        PrototxtMessage shape = net.Has("input_shape") ? net.Messages("input_shape").First() : data?.Message.Message("input_param").Messages("shape").FirstOrDefault() ?? new PrototxtMessage(net.Path, 1);
        if (shape.Has("dim")) return shape.Wholes("dim");
        if (data is null) return [];
        PrototxtMessage memory = data.Message.Message("memory_data_param");
        if (memory.Has("height")) return [1, memory.Whole("channels", 3), memory.Whole("height", 0), memory.Whole("width", 0)];
        int crop = data.Message.Message("transform_param").Whole("crop_size", 0);
        if (crop == 0) crop = data.Message.Message("data_param").Whole("crop_size", data.Message.Message("image_data_param").Whole("crop_size", 0));
        return crop == 0 ? [] : [1, 3, crop, crop];
    }

    // Before transform_param the data layers named the mean themselves.
    private static string? MeanFileOf(CaffeLayer? data) => data?.Message.Message("data_param").Text("mean_file") ?? data?.Message.Message("image_data_param").Text("mean_file");
}

/// <summary>
/// What a <c>.prototxt</c> says about its input. Networks of Caffe take blue, green, red; the mean, where one is given, is in
/// that order too.
/// </summary>
/// <param name="Height">Rows of the input in pixels.</param>
/// <param name="Width">Columns of the input in pixels.</param>
/// <param name="Mean">The values subtracted from blue, green and red, 0 to 255, or null where none are given.</param>
/// <param name="MeanFile">The file of the mean image as the <c>.prototxt</c> names it, or null.</param>
/// <param name="Scale">What the difference is multiplied by.</param>
public sealed record CaffeInput(int Height, int Width, IReadOnlyList<float>? Mean, string? MeanFile, float Scale);
