namespace IlgpuSpp.Models;

/// <summary>The trained arrays of a network, handed to the parameters they belong to once those have memory.</summary>
internal sealed class CaffeWeightList(string path, IReadOnlyDictionary<string, IReadOnlyList<CaffeBlob>> blobs)
{
    private readonly ParameterValues _assigned = new();
    private readonly Dictionary<string, CaffeLayer> _owners = new(StringComparer.Ordinal);

    /// <summary>The arrays of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="what">What each array is, for errors.</param>
    /// <exception cref="ModelFormatException">The layer has none, or another number, or a layer before it has its name.</exception>
    public IReadOnlyList<CaffeBlob> Of(CaffeLayer layer, params string[] what)
    {
        if (!_owners.TryAdd(layer.Name, layer) && !ReferenceEquals(_owners[layer.Name], layer)) throw layer.Error($"the layer of line {_owners[layer.Name].Line} has its name and takes the weights that go by it; give each a name of its own, in both files");
        if (!blobs.TryGetValue(layer.Name, out IReadOnlyList<CaffeBlob>? found))
            throw new ModelFormatException(path, $"it has no weights for layer '{layer.Name}' of line {layer.Line} of the .prototxt; the layers that have some are {Some()}");
        return found.Count == what.Length ? found : throw new ModelFormatException(path, $"layer '{layer.Name}' has {found.Count} arrays of weights, but the .prototxt asks for {what.Length}: {string.Join(", ", what)}");
    }

    /// <summary>Remembers an array for a parameter.</summary>
    /// <exception cref="ModelFormatException">The shapes differ.</exception>
    public void Assign(CaffeLayer layer, string what, CaffeBlob blob, Parameter parameter)
    {
        RequireShape(layer, what, blob, parameter.FileShape);
        Assign(parameter, blob.Values);
    }

    public void Assign(Parameter parameter, float[] values) => _assigned[parameter] = values;

    public void RequireShape(CaffeLayer layer, string what, CaffeBlob blob, Shape expected)
    {
        if (!blob.Significant.SequenceEqual(expected.ToArray().Select(extent => (long)extent).SkipWhile(extent => extent == 1)))
            throw new ModelFormatException(path, $"layer '{layer.Name}': its {what} have shape {blob.ExtentsText}, but the .prototxt (line {layer.Line}) needs {expected}");
    }

    /// <summary>Writes the arrays into the parameters of a network; layers that are not part of it are passed over.</summary>
    public void Upload(IReadOnlyList<Parameter> parameters) => _assigned.Upload(parameters);

    private string Some() => blobs.Count == 0 ? "none" : string.Join(", ", blobs.Keys.Take(12)) + (blobs.Count > 12 ? ", …" : "");
}

/// <summary>An array of a Caffe file: weights of a layer, or a mean image.</summary>
/// <param name="Extents">Its extents, outermost first; old files always have four.</param>
/// <param name="Values">The values, row-major.</param>
public sealed record CaffeBlob(IReadOnlyList<long> Extents, float[] Values)
{
    /// <summary>The extents without leading ones, which old files add to bring every array to four dimensions.</summary>
    internal IEnumerable<long> Significant => Extents.SkipWhile(extent => extent == 1);

    internal string ExtentsText => $"[{string.Join(", ", Extents)}]";
}
