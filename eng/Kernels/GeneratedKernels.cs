namespace IlgpuSpp.KernelTool;

/// <summary>
/// The kernels that are written by program: ILGPU does not unroll loops and puts arrays into local memory, so the 64 sums of
/// a thread are written out one by one.
/// </summary>
public static class GeneratedKernels
{
    /// <summary>Every generated file, by its path from the repository root, and what it must hold.</summary>
    public static IEnumerable<(string Path, string Text)> All() =>
    [
        ("src/Engine.Ilgpu/Products/ProductKernel.Generated.cs", ProductKernelText.Write()),
        ("src/Engine.Ilgpu/Products/TensorProductKernel.Generated.cs", TensorKernelText.Write()),
    ];

    /// <summary>The statements that load both factors' quads of a step: of the first, with their declarations, or of the next.</summary>
    internal static IEnumerable<string> Loads(bool first)
    {
        foreach (var (m, source) in ((string, string)[])[("A", "a"), ("B", "b")])
        {
            // Of a convolution's weight gradient both factors walk the same depths.
            string known = m == "B" ? "TB.FollowsA ? atA0 : " : "";
            if (first)
            {
                yield return $"TileDepth at{m}0 = {known}{source}.Start(begin + depth{m}), at{m}1 = T{m}.AlongDepth ? at{m}0 : {source}.Start(begin + depth{m} + nextDepth{m});";
                continue;
            }
            yield return $"at{m}0 = {known}{source}.Next(at{m}0);";
            yield return $"at{m}1 = T{m}.AlongDepth ? at{m}0 : {source}.Next(at{m}1);";
        }
        foreach (var (m, source) in ((string, string)[])[("A", "a"), ("B", "b")])
            for (int quad = 0; quad < 2; quad++)
                yield return $"{(first ? "Float4 " : "")}next{m}{quad} = {source}.Load(line{m}{quad}, at{m}{quad}, end);";
    }
}
