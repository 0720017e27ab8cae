namespace IlgpuSpp.Models;

/// <summary>How an ONNX file becomes a network.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>Name of each class, in the order of the outputs; null where none are known.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Side in pixels of the image that the graph is followed for; null for what the file says, or 224 where it leaves that open.</summary>
    public int? Size { get; init; }

    /// <summary>Whether batch normalisations behind convolutions become part of them: fewer steps, but nothing left to train of them.</summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>Names of the layers of the outermost chain, in order; null for the names of the file's nodes.</summary>
    public IReadOnlyList<string>? LayerNames { get; init; }
}

/// <summary>A network read from an ONNX file.</summary>
/// <param name="Model">The network with its weights. It computes scores: a softmax at the end is left to the caller.</param>
/// <param name="Height">Rows of the image that the file declares, or that the graph was followed for.</param>
/// <param name="Width">Columns of that image.</param>
/// <param name="Metadata">What else the file says, by name.</param>
public sealed record OnnxImportResult(Model Model, int Height, int Width, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// Reads convolutional classifiers from ONNX files of operator sets 7 to 21. The graph is followed for one image and straightened into
/// chains, concatenations and residual blocks; where the file leaves the image's size open it is followed for a second size, which must
/// give the same layers. Joined poolings whose bins are those of a pyramid become a <see cref="SpatialPyramidPool"/>.
/// </summary>
public static class OnnxImport
{
    /// <summary>The architecture name of imported networks; their layers are described in the model file.</summary>
    public const string Architecture = "layers";

    private const int OldestOperators = 7, NewestOperators = 21;
    private const int UsualSide = 224, LargestSide = 4096;

    /// <summary>Reads a network.</summary>
    /// <param name="path">The file; weights in files of their own are read from its folder.</param>
    /// <param name="backend">Where the network will run.</param>
    /// <param name="options">Names, size, folding.</param>
    /// <exception cref="ModelFormatException">A node cannot be imported, weights do not fit, or the file is damaged; the message names the node and its operator.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxImportResult Read(string path, Backend backend, OnnxImportOptions options)
    {
        OnnxDocument document = OnnxReader.Read(path);
        if (document.OperatorSet is < OldestOperators or > NewestOperators)
            throw new ModelFormatException(path, $"it is written for operator set {document.OperatorSet}; sets {OldestOperators} to {NewestOperators} can be imported");
        OnnxDeclared input = Image(document);
        bool open = input.Extents[2] is null || input.Extents[3] is null;
        if (options.Size is < 1 or > LargestSide) throw new ArgumentException($"The size must be between 1 and {LargestSide}, not {options.Size}.", nameof(options));
        int height = Side(document, input.Extents[2], options.Size), width = Side(document, input.Extents[3], options.Size);
        var weights = new ParameterValues();
        Sequential root = OnnxNetwork.Read(document, weights, input, height, width, options.FoldBatchNorm);
        if (open && options.Size is null) RequireSameLayers(document, input, root, height, width, options.FoldBatchNorm);
        Shape output = root.OutputShape(new Shape(1, height, width, 3));
        if (options.ClassNames is { } names && names.Count != output.Channels) throw new ArgumentException($"There are {names.Count} class names, but the network has {output.Channels} outputs.", nameof(options));
        if (options.LayerNames is { } layers) Rename(document, root, layers);
        SpatialPyramidPool? pyramid = root.SelfAndDescendants().OfType<SpatialPyramidPool>().FirstOrDefault();
        var description = new ModelDescription
        {
            Architecture = Architecture,
            Options = new ModelOptions { Classes = output.Channels, Pyramid = pyramid?.Pyramid.Levels ?? [], PyramidRule = pyramid?.Pyramid.Rule ?? PyramidRule.Adaptive },
            ClassNames = [.. options.ClassNames ?? Names(document, output.Channels)],
        };
        var model = new Model(description, root, backend, seed: 0);
        try
        {
            weights.Upload(model.Network.Parameters);
            return new OnnxImportResult(model, height, width, document.Metadata);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads one constant of a file, such as a mean image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The constant's name.</param>
    /// <returns>Its values, row-major, and its extents.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, or has no such constant of numbers.</exception>
    public static (float[] Values, IReadOnlyList<long> Extents) ReadConstant(string path, string name) =>
        OnnxReader.Read(path).Constants.TryGetValue(name, out OnnxArray? array) && array.Floats is { } values
            ? (values, array.Extents)
            : throw new ModelFormatException(path, $"it has no constant '{name}' of numbers");

    private static OnnxDeclared Image(OnnxDocument document)
    {
        // Before version 4 files declare their constants as inputs too.
        OnnxDeclared[] inputs = [.. document.Inputs.Where(input => !document.Constants.ContainsKey(input.Name))];
        if (inputs is not [{ Extents: [_, var channels, _, _] } image] || channels is not (null or 3))
            throw new ModelFormatException(document.Path, $"it takes {(inputs.Length == 0 ? "no input" : string.Join(", ", inputs.Select(input => $"{input.Name} [{string.Join(", ", input.Extents.Select(extent => extent?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]")))}; only networks that take one image [batch, 3, rows, columns] can be imported");
        return image;
    }

    private static int Side(OnnxDocument document, long? declared, int? asked)
    {
        if (declared is not { } side) return asked ?? UsualSide;
        if (side > LargestSide) throw new ModelFormatException(document.Path, $"it takes images of {side} pixels; up to {LargestSide} can be imported");
        return asked is null || asked == side ? (int)side : throw new ModelFormatException(document.Path, $"it takes images of {side} pixels, not {asked}");
    }

    private static void RequireSameLayers(OnnxDocument document, OnnxDeclared input, Sequential root, int height, int width, bool fold)
    {
        // Neither a multiple of the strides nor square, so that what depends on the size differs.
        int otherHeight = input.Extents[2] is null ? height + 75 : height, otherWidth = input.Extents[3] is null ? width + 46 : width;
        string? reason = null;
        try
        {
            Sequential other = OnnxNetwork.Read(document, new ParameterValues(), input, otherHeight, otherWidth, fold);
            if (LayerRegistry.ToJson(root) == LayerRegistry.ToJson(other)) return;
        }
        catch (ModelFormatException refused)
        {
            reason = refused.Reason;
        }
        throw new ModelFormatException(document.Path, $"it leaves the size of the image open, but an image of {otherWidth}x{otherHeight} needs other layers than one of {width}x{height}{(reason is null ? "" : $" ({reason})")}; name one size with --size");
    }

    private static void Rename(OnnxDocument document, Sequential root, IReadOnlyList<string> names)
    {
        if (names.Count != root.Children.Count) throw new ModelFormatException(document.Path, $"its network has {root.Children.Count} layers, but {names.Count} names are known for them");
        for (int i = 0; i < names.Count; i++) root.Children[i].Name = names[i];
    }

    // This program writes the class names into the files that it exports.
    private static string[] Names(OnnxDocument document, int classes) =>
        document.Metadata.TryGetValue("classes", out string? text) && text.Split('\n') is { } names && names.Length == classes ? names : [];
}
