using IlgpuSpp.Layers;

namespace IlgpuSpp.Detection;

/// <summary>A box that a detector claims to hold an object.</summary>
/// <param name="Image">Position of the image in its data set.</param>
/// <param name="Label">The class claimed.</param>
/// <param name="Score">How sure the detector is; only the order matters.</param>
/// <param name="Box">Where the object should be.</param>
public readonly record struct ScoredBox(int Image, int Label, double Score, PixelBox Box);
