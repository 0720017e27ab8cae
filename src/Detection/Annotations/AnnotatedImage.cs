namespace IlgpuSpp.Detection;

/// <summary>An image with the objects marked in it.</summary>
/// <param name="Name">Its name, unique in the data set; in VOC folders the file name without extension.</param>
/// <param name="Source">Its index in the data set's image source.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Objects">The objects, in the order of the annotation; may be empty.</param>
public sealed record AnnotatedImage(string Name, int Source, int Width, int Height, IReadOnlyList<AnnotatedObject> Objects);
