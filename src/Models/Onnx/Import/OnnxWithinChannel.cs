namespace IlgpuSpp.Models;

/// <summary>Some steps of a local response normalisation within a channel, for which ONNX has no operator: x·(k + α·mean(x²))^−β over a window.</summary>
internal sealed record OnnxPart : OnnxMeaning
{
    /// <summary>Whether a node can be one of the steps.</summary>
    public static bool Continues(OnnxOperation node) => node.Operator is "Pad" or "AveragePool" or "Mul" or "Add" or "Pow";
}

/// <summary>Finds the normalisation by its last step, the product with x.</summary>
/// <param name="Input">The name of x.</param>
/// <param name="Geometry">The normalisation.</param>
internal sealed record OnnxWithinChannel(string Input, LrnGeometry Geometry)
{
    /// <summary>The normalisation that ends in a node, or null.</summary>
    /// <param name="node">The node.</param>
    /// <param name="producers">Who computes what.</param>
    /// <param name="constant">A constant by name, or null.</param>
    public static OnnxWithinChannel? Match(OnnxOperation node, IReadOnlyDictionary<string, OnnxOperation> producers, Func<string, OnnxArray?> constant)
    {
        if (node is not { Operator: "Mul", Inputs: [var x, var factor] }) return null;
        if (Step(factor, "Pow") is not { } power || Number(power) is not { } exponent) return null;
        if (Step(power.Inputs[0], "Add") is not { } sum || Number(sum) is not { } k) return null;
        if (Step(sum.Inputs[0], "Mul") is not { } scaled || Number(scaled) is not { } alpha) return null;
        if (Step(scaled.Inputs[0], "AveragePool") is not { } mean || Step(mean.Inputs[0], "Pad") is not { } around || Step(around.Inputs[0], "Mul") is not { } squares) return null;
        if (squares.Inputs is not [var left, var right] || left != x || right != x || mean.Wholes("kernel_shape") is not [var rows, var columns] || rows != columns || rows % 2 == 0) return null;
        long pad = rows / 2;
        long[] pads = (around.HasInput(1) ? constant(around.Inputs[1])?.Integers : around.Wholes("pads")) ?? [];
        bool same = pads.SequenceEqual([0, 0, pad, pad, 0, 0, pad, pad]) && (mean.Wholes("strides") ?? [1, 1]).All(stride => stride == 1) && (mean.Wholes("pads") ?? []).All(side => side == 0);
        return same ? new OnnxWithinChannel(x, new LrnGeometry(LrnRegion.WithinChannel, (int)rows, alpha, -exponent, k)) : null;

        OnnxOperation? Step(string name, string type) => producers.TryGetValue(name, out OnnxOperation? made) && made.Operator == type && made.Inputs.Count > 0 ? made : null;

        float? Number(OnnxOperation made) => made.Inputs.Count == 2 && constant(made.Inputs[1]) is { Count: 1, Floats: [var value] } && float.IsFinite(value) ? value : null;
    }
}
