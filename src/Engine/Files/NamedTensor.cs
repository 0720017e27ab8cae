namespace IlgpuSpp.Engine;

/// <summary>A float tensor on its way into a file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its extents.</param>
/// <param name="Values">As many values as the shape has elements, row-major.</param>
public readonly record struct NamedTensor(string Name, Shape Shape, ReadOnlyMemory<float> Values);

/// <summary>Bytes on their way into a file, stored as a vector of type U8: state that is not made of floats.</summary>
/// <param name="Name">Their name in the file.</param>
/// <param name="Values">The bytes.</param>
public readonly record struct NamedBytes(string Name, ReadOnlyMemory<byte> Values);
