using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>Counts the shapes of a data set that are no boxes, to tell of them in one line a kind.</summary>
internal sealed class OtherShapes
{
    private readonly SortedDictionary<string, int> _bounded = new(StringComparer.Ordinal), _leftOut = new(StringComparer.Ordinal);

    /// <summary>Counts a shape whose bounding box is taken.</summary>
    /// <param name="kind">What it is, in the singular.</param>
    public void Bounded(string kind) => _bounded[kind] = _bounded.GetValueOrDefault(kind) + 1;

    /// <summary>Counts a shape without an area, which is left out.</summary>
    /// <param name="kind">What it is, in the singular.</param>
    public void LeftOut(string kind) => _leftOut[kind] = _leftOut.GetValueOrDefault(kind) + 1;

    public void Tell(string path, ILogger logger)
    {
        if (_bounded.Count > 0) logger.LogWarning("{Path}: bounding boxes are taken of other shapes: {Shapes}.", path, Text(_bounded));
        if (_leftOut.Count > 0) logger.LogWarning("{Path}: shapes without an area are left out: {Shapes}.", path, Text(_leftOut));
    }

    private static string Text(SortedDictionary<string, int> counts) => string.Join(", ", counts.Select(item => FormattableString.Invariant($"{item.Value:N0} {(item.Value == 1 || item.Key.EndsWith('s') ? item.Key : item.Key.EndsWith('x') ? item.Key + "es" : item.Key + "s")}")));
}
