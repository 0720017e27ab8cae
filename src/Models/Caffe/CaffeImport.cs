using System.Collections.Immutable;

namespace IlgpuSpp.Models;

/// <summary>A network imported from Caffe.</summary>
/// <param name="Model">The network with its weights. It computes scores: a softmax at the end is left to the caller.</param>
/// <param name="Input">What the file says about the input.</param>
/// <param name="LeftOut">Ends of the file's graph that are not part of the network, by the name of their last layer.</param>
public sealed record CaffeImportResult(Model Model, CaffeInput Input, IReadOnlyList<string> LeftOut);

/// <summary>
/// Reads networks trained with Caffe: a description (<c>.prototxt</c>, deploy or training form; the old <c>layers</c> and the
/// new <c>layer</c>) and weights (<c>.caffemodel</c>). Parallel poolings that are flattened and joined, the form of the
/// authors' released ZF-5, become a <see cref="SpatialPyramidPool"/>.
/// </summary>
public static class CaffeImport
{
    /// <summary>The architecture name of imported networks; their layers are described in the model file.</summary>
    public const string Architecture = "layers";

    /// <summary>Reads a network.</summary>
    /// <param name="prototxt">The description.</param>
    /// <param name="caffemodel">The weights.</param>
    /// <param name="backend">Where it will run.</param>
    /// <param name="classNames">Name of each class, or null where none are known.</param>
    /// <param name="size">Side of the input in pixels, where the description does not say it or another one is wanted.</param>
    /// <exception cref="ModelFormatException">A layer cannot be imported, weights do not fit, or a file is damaged; the message names layer and line.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static CaffeImportResult Read(string prototxt, string caffemodel, Backend backend, IReadOnlyList<string>? classNames = null, int? size = null)
    {
        CaffeNet net = CaffeNet.Read(prototxt, size);
        var weights = new CaffeWeightList(caffemodel, CaffeWireReader.ReadNetwork(caffemodel));
        CaffeGraph graph = CaffeGraph.Read(net, weights);
        Sequential root = LayerTree.Build(graph.Output, prototxt);
        Shape output = graph.Output.Shape;
        if (output is { Rank: 4, Height: 1, Width: 1 }) root = new Sequential([.. root.Children, new Flatten { Name = "flatten_output" }]);
        else if (output.Rank == 4) throw graph.Output.Definition!.Error($"the network ends in a map of {output.Height}x{output.Width}; only networks that end in one row of scores can be imported");
        int classes = output.Channels;
        if (classNames is not null && classNames.Count != classes)
            throw new ArgumentException($"There are {classNames.Count} class names, but '{graph.Output.Name}' has {classes} outputs.", nameof(classNames));
        SpatialPyramidPool? pyramid = root.SelfAndDescendants().OfType<SpatialPyramidPool>().FirstOrDefault();
        var description = new ModelDescription
        {
            Architecture = Architecture,
            Options = new ModelOptions { Classes = classes, Pyramid = pyramid?.Pyramid.Levels ?? [], PyramidRule = pyramid?.Pyramid.Rule ?? PyramidRule.Adaptive },
            ClassNames = classNames is null ? [] : [.. classNames],
        };
        var model = new Model(description, root, backend, seed: 0);
        try
        {
            weights.Upload(model.Network.Parameters);
            return new CaffeImportResult(model, net.Input, graph.LeftOut);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads a mean image (<c>.binaryproto</c>): extents <c>[1, 3, height, width]</c> or <c>[3, height, width]</c>, blue, green, red, 0 to 255.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">The file is damaged or holds something else.</exception>
    public static CaffeBlob ReadMeanImage(string path)
    {
        CaffeBlob blob = CaffeWireReader.ReadBlob(path);
        return blob.Extents is [1, 3, > 0, > 0] or [3, > 0, > 0] ? blob : throw new ModelFormatException(path, $"a mean image has the shape [1, 3, height, width], not {blob.ExtentsText}");
    }
}
