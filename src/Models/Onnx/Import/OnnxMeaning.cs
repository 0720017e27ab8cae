namespace IlgpuSpp.Models;

/// <summary>What a name of an ONNX graph stands for while the graph is followed for one image of a known size.</summary>
internal abstract record OnnxMeaning;

/// <summary>A value that does not depend on the image.</summary>
internal sealed record OnnxKnown(OnnxArray Array) : OnnxMeaning;

/// <summary>Something computed from the image.</summary>
/// <param name="Node">What computes it, in the engine's layout.</param>
/// <param name="Extents">Its extents in the file: maps <c>[1, channels, rows, columns]</c>, rows <c>[1, features]</c>.</param>
internal sealed record OnnxFlow(ImportNode Node, IReadOnlyList<long> Extents) : OnnxMeaning
{
    public bool IsMap => Node.IsMap;

    /// <summary>Channels, or features of a row.</summary>
    public int Channels => Node.Shape.Channels;

    /// <summary>The bins that a max pooling took, flattened or not.</summary>
    public OnnxBins? Bins { get; init; }

    /// <summary>Whether the file has the channels last, as the engine has always.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>The map whose elements a row has in the file's order, channel, row, column, while the engine's row has the channels last.</summary>
    public Shape? FlattenedByChannel { get; init; }

    /// <summary>Padding that the next layer takes up: rows above, columns left, rows below, columns right.</summary>
    public (int Top, int Left, int Bottom, int Right) Padding { get; init; }

    /// <summary>What is put there.</summary>
    public float PaddingValue { get; init; }
}

/// <summary>Part of a map, or maxima over parts, on the way to a pyramid.</summary>
/// <param name="Map">The map.</param>
/// <param name="Rows">Bins along the rows; null for the rows as they are.</param>
/// <param name="Columns">Bins along the columns; null for the columns as they are.</param>
/// <param name="OpenAxis">The axis along which a part was cut out and no maximum taken yet, 2 or 3; 0 for none.</param>
internal sealed record OnnxPiece(ImportNode Map, IReadOnlyList<(int Start, int End)>? Rows, IReadOnlyList<(int Start, int End)>? Columns, int OpenAxis) : OnnxMeaning
{
    /// <summary>Extents in the file.</summary>
    public IReadOnlyList<long> Extents => [1, Map.Shape.Channels, Extent(2), Extent(3)];

    private int Extent(int axis)
    {
        IReadOnlyList<(int Start, int End)>? bins = axis == 2 ? Rows : Columns;
        if (bins is null) return axis == 2 ? Map.Shape.Height : Map.Shape.Width;
        return OpenAxis == axis ? bins[0].End - bins[0].Start : bins.Count;
    }
}
