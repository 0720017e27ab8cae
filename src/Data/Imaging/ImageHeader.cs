namespace IlgpuSpp.Data.Imaging;

/// <summary>What the first bytes of an image file say about it.</summary>
/// <param name="Width">Width in pixels as stored.</param>
/// <param name="Height">Height in pixels as stored.</param>
/// <param name="Orientation">The orientation of EXIF or XMP, 1 to 8; 1 is upright.</param>
internal readonly record struct ImageHeader(int Width, int Height, int Orientation = 1)
{
    /// <summary>Width and height of the image as it is decoded: orientations 5 to 8 exchange the sides.</summary>
    public (int Width, int Height) Upright => Orientation > 4 ? (Height, Width) : (Width, Height);
}
