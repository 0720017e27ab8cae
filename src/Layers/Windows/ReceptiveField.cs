namespace IlgpuSpp.Layers;

/// <summary>Where the responses of a chain of layers lie in its input, along one side.</summary>
/// <param name="Stride">Input pixels from one response to the next, S.</param>
/// <param name="Centre">Centre of response 0 in 0-based pixels, c₀; response i is centred at c₀ + S·i.</param>
/// <param name="Size">Pixels that one response sees.</param>
public readonly record struct ReceptiveField(int Stride, double Centre, int Size)
{
    /// <summary>The field of an input pixel itself.</summary>
    public static ReceptiveField Pixel => new(1, 0, 1);

    /// <summary>Follows the rows through a chain: c₀ grows by ((k − 1)/2 − p)·S, the size by (k − 1)·S, S by the layer's stride.</summary>
    /// <param name="layers">The layers, in order. Elementwise layers and normalisations over a window leave the centre where it is.</param>
    /// <exception cref="NotSupportedException">A layer is neither elementwise nor made of windows with a fixed stride.</exception>
    public static ReceptiveField Of(IEnumerable<Layer> layers)
    {
        ReceptiveField field = Pixel;
        foreach (Layer layer in layers) field = field.Through(layer);
        return field;
    }

    private ReceptiveField Through(Layer layer) => layer switch
    {
        Conv2d conv => Windows(conv.Geometry.KernelHeight, conv.Geometry.StrideHeight, conv.Geometry.PadHeight),
        MaxPool2d pool => Windows(pool.Geometry.KernelHeight, pool.Geometry.StrideHeight, pool.Geometry.PadHeight),
        AveragePool2d pool => Windows(pool.Geometry.KernelHeight, pool.Geometry.StrideHeight, pool.Geometry.PadHeight),
        LocalResponseNorm { Geometry: { Region: Engine.LrnRegion.WithinChannel } geometry } => Windows(geometry.Size, 1, geometry.Size / 2),
        LocalResponseNorm or ActivationLayer or PRelu or BatchNorm or Dropout => this,
        Sequential chain => chain.Children.Aggregate(this, (field, child) => field.Through(child)),
        Residual block => Through(block.Children[0]),
        _ => throw new NotSupportedException($"{layer.Name} ({layer.Kind}) has no fixed stride; take the layers in front of it."),
    };

    private ReceptiveField Windows(int kernel, int stride, int pad) =>
        new(Stride * stride, Centre + ((kernel - 1) / 2.0 - pad) * Stride, Size + (kernel - 1) * Stride);
}
