using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data;

/// <summary>A shape in a drawn image.</summary>
/// <param name="Kind">Which shape; its number is the label.</param>
/// <param name="Box">The smallest rectangle around the part of it that lies inside the image, in pixels.</param>
public sealed record ShapeObject(ShapeKind Kind, PixelRegion Box);

/// <summary>A drawn image and the shapes in it.</summary>
/// <param name="Image">The image.</param>
/// <param name="Objects">The shapes, from back to front.</param>
public sealed record ShapesScene(RgbImage Image, IReadOnlyList<ShapeObject> Objects);
