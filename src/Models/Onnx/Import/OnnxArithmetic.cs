namespace IlgpuSpp.Models;

/// <summary>
/// What a graph computes on constants and on the extents of maps: the arithmetic that other programs write around a flattening, and
/// that this program writes for a pyramid over maps of any size. Lists of whole numbers of at most one dimension.
/// </summary>
internal static class OnnxArithmetic
{
    /// <summary>The outcome of an operator over known values, or null where it is none of these.</summary>
    /// <exception cref="Engine.ModelFormatException">The operator's inputs do not fit it.</exception>
    public static OnnxArray? Compute(OnnxOperation node, IReadOnlyList<OnnxArray> inputs)
    {
        switch (node.Operator)
        {
            case "Identity" or "Cast" when inputs is [var same]:
                return same;
            case "Unsqueeze" or "Squeeze" or "Reshape" when inputs is [{ Count: 1 }, ..]:
                return inputs[0] with { Extents = node.Operator == "Squeeze" ? [] : [1] };
            case "Unsqueeze" or "Squeeze" or "Reshape" when inputs is [{ Integers: not null }, ..]:
                return inputs[0];
            case "Concat" when inputs.All(input => input.Integers is not null):
                return OnnxArray.Of([.. inputs.SelectMany(input => input.Integers!)]);
            case "Gather" when inputs is [{ Integers: { } list }, { Integers: { } places }]:
                return new OnnxArray(inputs[1].Extents, null, [.. places.Select(place => list[Place(node, place, list.Length)])]);
            case "Slice" when inputs is [{ Integers: { } list }, ..]:
                return Slice(node, list, inputs);
            case "ReduceProd" when inputs is [{ Integers: { } list }, ..]:
                return OnnxArray.Of(list.Aggregate(1L, (product, extent) => checked(product * extent)));
            case "Add" or "Sub" or "Mul" or "Div" when inputs is [{ Integers: { } left }, { Integers: { } right }]:
                return Elementwise(node, left, right, inputs[left.Length >= right.Length ? 0 : 1].Extents);
            default:
                return null;
        }
    }

    /// <summary>Start and end of a slice along an axis of known length, by ONNX's rules for ends that count from behind.</summary>
    public static (int Start, int End) Range(long start, long end, int length) => (Clamped(start, length), Clamped(end, length));

    private static OnnxArray Slice(OnnxOperation node, long[] list, IReadOnlyList<OnnxArray> inputs)
    {
        long start = inputs.Count > 1 ? First(node, inputs[1].Integers) : First(node, node.Wholes("starts") ?? [0]);
        long end = inputs.Count > 2 ? First(node, inputs[2].Integers) : First(node, node.Wholes("ends") ?? [long.MaxValue]);
        if (inputs.Count > 4 && First(node, inputs[4].Integers) != 1) throw node.Error("only slices of step 1 can be imported");
        (int from, int to) = Range(start, end, list.Length);
        return OnnxArray.Of(to > from ? list[from..to] : []);
    }

    private static OnnxArray Elementwise(OnnxOperation node, long[] left, long[] right, IReadOnlyList<long> extents)
    {
        if (left.Length != right.Length && ((left.Length != 1 && right.Length != 1) || left.Length * right.Length == 0)) throw node.Error($"it computes on lists of {left.Length} and {right.Length} values");
        var result = new long[Math.Max(left.Length, right.Length)];
        for (int i = 0; i < result.Length; i++)
        {
            long a = left[left.Length == 1 ? 0 : i], b = right[right.Length == 1 ? 0 : i];
            if (node.Operator == "Div" && b == 0) throw node.Error("it divides by 0");
            result[i] = node.Operator switch { "Add" => checked(a + b), "Sub" => checked(a - b), "Mul" => checked(a * b), _ => a / b };
        }
        return new OnnxArray(extents, null, result);
    }

    private static long First(OnnxOperation node, long[]? list) => list is [var first, ..] ? first : throw node.Error("it lacks a whole number that it needs");

    private static int Place(OnnxOperation node, long place, int length) =>
        place >= -length && place < length ? (int)(place < 0 ? place + length : place) : throw node.Error($"it takes value {place} of a list of {length}");

    private static int Clamped(long place, int length) => (int)Math.Clamp(place < 0 ? place + length : place, 0, length);
}
