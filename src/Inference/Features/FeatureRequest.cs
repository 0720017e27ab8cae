using System.Collections.Immutable;
using System.Globalization;

namespace IlgpuSpp.Inference;

/// <summary>Which activations of a network are wanted.</summary>
/// <param name="Name">The request as it was written, for tables.</param>
/// <param name="Layer">The layer; see <see cref="ActivationPass"/>.</param>
/// <param name="Levels">Pyramid levels that its maps are pooled with; empty for the maps as they are.</param>
public sealed record FeatureRequest(string Name, string Layer, ImmutableArray<int> Levels)
{
    /// <summary>
    /// Reads a request: a layer's name, perhaps with levels (<c>conv5@6</c>, <c>conv5@1+2+3</c>); <c>pyramid</c> for the network's spatial
    /// pyramid pooling; <c>pool6x6</c> for the 6×6 level alone of the map that the network pools (the paper's Tables 6 and 7).
    /// </summary>
    /// <param name="text">The request.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="UnknownLayerException">There is no such layer.</exception>
    /// <exception cref="ArgumentException">The levels cannot be read.</exception>
    public static FeatureRequest Parse(string text, Network network)
    {
        int at = text.LastIndexOf('@');
        string layer = at < 0 ? text : text[..at];
        ImmutableArray<int> levels = at < 0 ? [] : ParseLevels(text, text[(at + 1)..]);
        Layer[] chain = [.. network.Root.Children];
        int pool = Array.FindIndex(chain, l => l is SpatialPyramidPool or MaxPool2d { Name: "pool_last" });
        if (layer == "pyramid" && pool >= 0 && chain[pool] is SpatialPyramidPool) return new FeatureRequest(text, chain[pool].Name, levels);
        if (layer == "pool6x6" && pool > 0) return new FeatureRequest(text, chain[pool - 1].Name, [6]);
        LayerPath.Find(network, layer);
        return new FeatureRequest(text, layer, levels);
    }

    private static ImmutableArray<int> ParseLevels(string text, string list)
    {
        var levels = ImmutableArray.CreateBuilder<int>();
        foreach (string part in list.Split('+'))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int level) || level is < 1 or > Pyramid.MaxLevel)
                throw new ArgumentException($"'{text}': levels are numbers of bins from 1 to {Pyramid.MaxLevel}, such as @6 or @1+2+3.");
            levels.Add(level);
        }
        return levels.ToImmutable();
    }
}
