namespace IlgpuSpp.Layers;

/// <summary>Where the responses of a chain of layers lie in its input, along one side.</summary>
/// <param name="Stride">Input pixels from one response to the next, S.</param>
/// <param name="Centre">Centre of response 0 in 0-based pixels, c₀; response i is centred at c₀ + S·i.</param>
/// <param name="Size">Pixels that one response sees.</param>
public readonly record struct ReceptiveField(int Stride, double Centre, int Size)
{
    /// <summary>The field of an input pixel itself.</summary>
    public static ReceptiveField Pixel => new(1, 0, 1);

    /// <summary>Follows a chain of layers.</summary>
    /// <param name="layers">The layers, in order.</param>
    /// <exception cref="NotSupportedException">A layer is neither elementwise nor made of windows with a fixed stride.</exception>
    public static ReceptiveField Of(IEnumerable<Layer> layers) => layers.Aggregate(Pixel, (field, layer) => layer.Receptive(field));

    /// <summary>The field behind windows over these responses: c₀ grows by ((k − 1)/2 − p)·S, the size by (k − 1)·S, S by the windows' stride.</summary>
    /// <param name="kernel">Side of a window, k.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="pad">Padding in front of the map, p.</param>
    public ReceptiveField Windows(int kernel, int stride, int pad) =>
        new(Stride * stride, Centre + ((kernel - 1) / 2.0 - pad) * Stride, Size + (kernel - 1) * Stride);

    /// <summary>The field behind windows whose rows and columns may differ, as long as their responses lie alike along both sides.</summary>
    internal ReceptiveField Windows(Layer layer, (int Kernel, int Stride, int Pad) rows, (int Kernel, int Stride, int Pad) columns)
    {
        ReceptiveField down = Windows(rows.Kernel, rows.Stride, rows.Pad), across = Windows(columns.Kernel, columns.Stride, columns.Pad);
        return (down.Stride, down.Centre) == (across.Stride, across.Centre)
            ? down with { Size = Math.Max(down.Size, across.Size) }
            : throw new NotSupportedException($"{layer.Name} ({layer.Kind}) places its windows otherwise along rows than along columns, so that its responses have no one stride and offset.");
    }

    /// <summary>The field of responses computed from several others at the same place.</summary>
    internal static ReceptiveField Union(Layer layer, IEnumerable<ReceptiveField> branches)
    {
        ReceptiveField[] all = [.. branches];
        if (Array.Exists(all, field => field.Stride != all[0].Stride)) throw new NotSupportedException($"{layer.Name} ({layer.Kind}) joins branches of different strides.");
        double first = all.Min(field => field.Centre - (field.Size - 1) / 2.0), last = all.Max(field => field.Centre + (field.Size - 1) / 2.0);
        return new ReceptiveField(all[0].Stride, (first + last) / 2, (int)(last - first) + 1);
    }
}
