using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>An object marked in an image.</summary>
/// <param name="Label">Its class, an index into the data set's class names.</param>
/// <param name="Box">Where it is, inside the image.</param>
/// <param name="Difficult">Whether the scorer passes it over: neither a find nor a miss (VOC's <c>difficult</c>, COCO's <c>iscrowd</c>).</param>
/// <param name="Truncated">Whether the box holds only part of the object.</param>
public sealed record AnnotatedObject(int Label, PixelBox Box, bool Difficult = false, bool Truncated = false);
