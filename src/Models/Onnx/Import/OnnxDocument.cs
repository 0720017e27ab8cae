namespace IlgpuSpp.Models;

/// <summary>An array of an ONNX file: single-precision numbers, or whole ones.</summary>
internal sealed record OnnxArray(IReadOnlyList<long> Extents, float[]? Floats, long[]? Integers)
{
    public long Count => Floats?.LongLength ?? Integers!.LongLength;

    /// <summary>A list of whole numbers.</summary>
    public static OnnxArray Of(params long[] values) => new([values.Length], null, values);
}

/// <summary>An input or output that a graph declares; null stands for an extent that is open.</summary>
internal sealed record OnnxDeclared(string Name, IReadOnlyList<long?> Extents);

/// <summary>A node of an ONNX file.</summary>
internal sealed record OnnxOperation(string Path, string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, object> Attributes) : IImportSource
{
    /// <summary>The node's name, or that of what it computes where it has none.</summary>
    public string Label => Name.Length > 0 ? Name : Outputs.Count > 0 ? Outputs[0] : Operator;

    public bool HasInput(int index) => index < Inputs.Count && Inputs[index].Length > 0;

    public ModelFormatException Error(string reason) => new(Path, $"node '{Label}' ({Operator}): {reason}");

    public long Whole(string attribute, long otherwise) => Attributes.TryGetValue(attribute, out object? value) ? value is long number ? number : throw Wrong(attribute) : otherwise;

    public float Number(string attribute, float otherwise) => Bound(attribute, otherwise) is var number && float.IsFinite(number) ? number : throw Error(FormattableString.Invariant($"its attribute '{attribute}' is {number}"));

    /// <summary>A limit, which may be infinite.</summary>
    public float Bound(string attribute, float otherwise) => Attributes.TryGetValue(attribute, out object? value) ? value is float number ? number : throw Wrong(attribute) : otherwise;

    public string Text(string attribute, string otherwise) => Attributes.TryGetValue(attribute, out object? value) ? value is string text ? text : throw Wrong(attribute) : otherwise;

    public long[]? Wholes(string attribute) => Attributes.TryGetValue(attribute, out object? value) ? value as long[] ?? throw Wrong(attribute) : null;

    /// <summary>A list of at least as many whole numbers as asked for, each within bounds that windows can have.</summary>
    public int[]? Sides(string attribute, int count, int least)
    {
        if (Wholes(attribute) is not { } values) return null;
        if (values.Length != count) throw Error($"its {attribute} has {values.Length} values; an image has {count}");
        return Array.TrueForAll(values, value => value >= least && value <= ushort.MaxValue) ? [.. values.Select(value => (int)value)] : throw Error($"its {attribute} is {string.Join(", ", values)}");
    }

    private ModelFormatException Wrong(string attribute) => Error($"its attribute '{attribute}' is of another type than the operator's");
}

/// <summary>What an ONNX file holds, as far as networks need it.</summary>
internal sealed class OnnxDocument(string path)
{
    public string Path { get; } = path;

    /// <summary>The version of the operators.</summary>
    public long OperatorSet { get; set; }

    public List<OnnxOperation> Operations { get; } = [];

    public Dictionary<string, OnnxArray> Constants { get; } = new(StringComparer.Ordinal);

    public List<OnnxDeclared> Inputs { get; } = [];

    public List<OnnxDeclared> Outputs { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);
}
