namespace IlgpuSpp.Engine.Cpu;

/// <summary>The part of a tile that lies on a map: rows from Top to below Bottom, columns from Left to below Right.</summary>
internal readonly record struct TileExtent(int Top, int Bottom, int Left, int Right)
{
    /// <summary>Whether all of a square tile is inside.</summary>
    public bool IsWhole(int side) => Top == 0 && Left == 0 && Bottom == side && Right == side;
}
