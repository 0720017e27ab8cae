namespace IlgpuSpp.Engine;

/// <summary>Values to write into a file under a name.</summary>
/// <param name="Name">The name, unique in the file.</param>
/// <param name="Shape">The shape in the file.</param>
/// <param name="Values">As many values as the shape has elements, row-major.</param>
public sealed record NamedTensor(string Name, Shape Shape, ReadOnlyMemory<float> Values);
