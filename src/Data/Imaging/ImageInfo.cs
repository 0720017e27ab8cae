namespace IlgpuSpp.Data.Imaging;

/// <summary>What the first bytes of an image file say about it.</summary>
/// <param name="Format">The format, told by content.</param>
/// <param name="Width">Width in pixels as stored, before an EXIF orientation is applied.</param>
/// <param name="Height">Height in pixels as stored, before an EXIF orientation is applied.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height);
