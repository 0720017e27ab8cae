using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>How a network is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Rows of the input; null, together with <see cref="Width"/>, for images of any size.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input.</summary>
    public int? Width { get; init; }

    /// <summary>Whether the network ends in a softmax; without it the output is the scores.</summary>
    public bool Softmax { get; init; }

    /// <summary>The layer whose response is the output, by a name as in <see cref="ActivationPass"/>; null for the whole network.</summary>
    public string? At { get; init; }
}

/// <summary>
/// Writes networks as ONNX files (operator set 13) for other runtimes. Input <c>input: [batch, 3, height, width]</c>, prepared as
/// the file's metadata says; output <c>scores</c> or <c>probabilities</c>: <c>[batch, classes]</c>, or <c>features</c>: a layer's response. A pyramid becomes max poolings and
/// slices with exactly its bins; for images of any size the slices are computed from the map's size at run time.
/// </summary>
public static class OnnxExport
{
    private const long FormatVersion = 7, OperatorSet = 13;
    private const int LargestProbe = 512;

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The network.</param>
    /// <param name="options">Input size and ending.</param>
    /// <exception cref="NotSupportedException">ONNX cannot express the network, or not for images of any size; the message names the layer.</exception>
    /// <exception cref="InputTooSmallException">The size is too small for the network.</exception>
    /// <exception cref="ShapeMismatchException">The network takes another size only.</exception>
    /// <exception cref="UnknownLayerException">The network has no layer of the name in <see cref="OnnxExportOptions.At"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Model model, OnnxExportOptions options)
    {
        if (options.Height is null != options.Width is null) throw new ArgumentException("Give both height and width, or neither.", nameof(options));
        if (options is { Softmax: true, At: not null }) throw new ArgumentException("A layer's response has no softmax.", nameof(options));
        Layer[] layers = options.At is { } at ? [.. LayerPath.Find(model.Network, at).Through(model.Network)] : [model.Network.Root];
        Shape input;
        if (options is { Height: { } height, Width: { } width })
        {
            input = new Shape(1, height, width, 3);
            if (options.At is null) model.CheckInput(height, width);
        }
        else
        {
            // Any size will do to learn the channels.
            int side = model.Network.Root.SmallestInput(limit: LargestProbe) ?? throw new NotSupportedException($"{model.Description.Name} takes no image of up to {LargestProbe} pixels.");
            input = new Shape(1, side, side, 3);
        }
        var graph = new OnnxGraph(anySize: options.Height is null);
        string inputName = graph.Name("input");
        OnnxValue last = layers.Aggregate(new OnnxValue(inputName, input), (value, layer) => graph.Add(layer, value, ""));
        if (options.At is null && last.Shape.Rank != 2) throw new NotSupportedException($"{model.Description.Name} ends in a map, not in one row of scores.");
        string output = graph.Node(options.Softmax ? "Softmax" : "Identity", options.At is not null ? "features" : options.Softmax ? "probabilities" : "scores",
            [last.Name], options.Softmax ? [("axis", 1L)] : []);
        object[] outputShape = last.Shape.Rank == 2 ? ["batch", last.Shape.Channels]
            : options.Height is null ? ["batch", last.Shape.Channels, "rows", "columns"]
            : ["batch", last.Shape.Channels, last.Shape.Height, last.Shape.Width];

        OnnxMessage message = OnnxFile.Message(graph, model.Description.Architecture,
            (inputName, ["batch", 3, options.Height ?? (object)"height", options.Width ?? (object)"width"]),
            (output, outputShape));
        var facts = model.Description.Facts.Select(fact => (fact.Key, fact.Value)).ToList();
        if (model.Description.ClassNames.Length > 0) facts.Add(("classes", string.Join('\n', model.Description.ClassNames)));
        Write(path, message, facts);
    }

    /// <summary>Writes a graph as a file (onnx.proto: ModelProto).</summary>
    internal static void Write(string path, OnnxMessage graph, IReadOnlyList<(string Key, string Value)> metadata)
    {
        OnnxMessage file = new OnnxMessage()
            .Add(1, FormatVersion)
            .Add(2, "IlgpuSpp")
            .Add(7, graph)
            .Add(8, new OnnxMessage().Add(1, "").Add(2, OperatorSet));
        foreach ((string key, string value) in metadata) file.Add(14, new OnnxMessage().Add(1, key).Add(2, value));
        if (file.Size > int.MaxValue) throw new NotSupportedException($"The network takes {file.Size:N0} bytes; an ONNX file holds at most {int.MaxValue:N0}.");
        AtomicFile.Write(path, stream =>
        {
            using var writer = new CodedOutputStream(stream, leaveOpen: true);
            file.Write(writer, stream);
            writer.Flush();
        });
    }
}
