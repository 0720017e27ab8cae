using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The arguments of one launch of a product.</summary>
/// <param name="A">The first factor's source.</param>
/// <param name="B">The second factor's source.</param>
/// <param name="Store">Where the sums go.</param>
/// <param name="Extent">The product's extents.</param>
/// <param name="Parts">Channel groups times stride phases.</param>
internal sealed record ProductCall(object A, object B, object Store, ProductExtent Extent, int Parts);
