using IlgpuSpp.Engine;

namespace IlgpuSpp.Inference;

/// <summary>Activations of one view of one image.</summary>
/// <param name="Shape">Their shape without the batch: <c>[h, w, c]</c> of a map, else <c>[features]</c>.</param>
/// <param name="Values">The values, row-major.</param>
public sealed record FeatureArray(Shape Shape, float[] Values);
