namespace IlgpuSpp.Layers;

/// <summary>Gives the layers of a container names that differ.</summary>
internal static class LayerNames
{
    public static void Complete(ReadOnlySpan<Layer> layers)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i].Name.Length == 0) layers[i].Name = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!seen.Add(layers[i].Name)) throw new ArgumentException($"Two layers of a container are called {layers[i].Name}.");
        }
    }
}
