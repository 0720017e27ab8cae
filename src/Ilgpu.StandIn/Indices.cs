namespace ILGPU;

/// <summary>A one-dimensional index.</summary>
/// <param name="x">The index.</param>
public readonly struct Index1D(int x)
{
    /// <summary>The index.</summary>
    public int X => x;

    /// <summary>An index from a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Index1D(int value) => new(value);

    /// <summary>An index as a number.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator int(Index1D index) => index.X;
}

/// <summary>A three-dimensional index or extent.</summary>
/// <param name="x">Fastest.</param>
/// <param name="y">Middle.</param>
/// <param name="z">Slowest.</param>
public readonly struct Index3D(int x, int y, int z)
{
    /// <summary>Fastest.</summary>
    public int X => x;

    /// <summary>Middle.</summary>
    public int Y => y;

    /// <summary>Slowest.</summary>
    public int Z => z;

    /// <summary>Number of elements.</summary>
    public int Size => x * y * z;
}

/// <summary>The extents of a launch.</summary>
/// <param name="gridDim">Groups.</param>
/// <param name="groupDim">Threads of a group.</param>
public readonly struct KernelConfig(Index3D gridDim, Index3D groupDim)
{
    /// <summary>Groups.</summary>
    public Index3D GridDim => gridDim;

    /// <summary>Threads of a group.</summary>
    public Index3D GroupDim => groupDim;
}
