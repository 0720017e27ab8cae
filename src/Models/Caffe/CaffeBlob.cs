namespace IlgpuSpp.Models;

/// <summary>An array of a Caffe file: weights of a layer, or a mean image.</summary>
/// <param name="Extents">Its extents, outermost first; old files always have four.</param>
/// <param name="Values">The values, row-major.</param>
public sealed record CaffeBlob(IReadOnlyList<long> Extents, float[] Values)
{
    /// <summary>The extents without leading ones, which old files add to bring every array to four dimensions.</summary>
    internal IEnumerable<long> Significant => Extents.SkipWhile(extent => extent == 1);

    internal string ExtentsText => $"[{string.Join(", ", Extents)}]";
}
