using IlgpuSpp.Inference;

namespace IlgpuSpp.Reports;

/// <summary>Where a filter answers most strongly in one image.</summary>
/// <param name="Image">Number of the image.</param>
/// <param name="Row">Row of the response in the map.</param>
/// <param name="Column">Column of the response.</param>
/// <param name="Value">The response.</param>
public readonly record struct FilterMaximum(int Image, int Row, int Column, float Value);

/// <summary>Collects, for each filter of a layer, the images that activate it most (the paper, Figure 2).</summary>
/// <param name="keep">Images kept for each filter, at least 1.</param>
public sealed class FilterMaxima(int keep)
{
    private List<FilterMaximum>[] _best = [];

    /// <summary>Number of filters; 0 before the first image.</summary>
    public int Filters => _best.Length;

    /// <summary>Takes in an image's map.</summary>
    /// <param name="image">Number of the image.</param>
    /// <param name="map">The map, <c>[h, w, c]</c>.</param>
    public void Add(int image, FeatureArray map)
    {
        int width = map.Shape[1], channels = map.Shape[2];
        if (_best.Length == 0) _best = [.. Enumerable.Range(0, channels).Select(_ => new List<FilterMaximum>())];
        for (int c = 0; c < channels; c++)
        {
            int strongest = 0;
            for (int i = 1; i * channels < map.Values.Length; i++)
                if (map.Values[i * channels + c] > map.Values[strongest * channels + c]) strongest = i;
            float value = map.Values[strongest * channels + c];
            List<FilterMaximum> best = _best[c];
            if (best.Count == keep && value <= best[^1].Value) continue;
            int place = best.FindIndex(other => value > other.Value);
            best.Insert(place < 0 ? best.Count : place, new FilterMaximum(image, strongest / width, strongest % width, value));
            if (best.Count > keep) best.RemoveAt(keep);
        }
    }

    /// <summary>A filter's images, the strongest first; of equal ones the earlier first.</summary>
    /// <param name="filter">The filter.</param>
    public IReadOnlyList<FilterMaximum> Of(int filter) => _best[filter];

    /// <summary>The filters by their strongest response, descending.</summary>
    public IReadOnlyList<int> ByStrength() => [.. Enumerable.Range(0, _best.Length).OrderByDescending(c => _best[c][0].Value)];
}
