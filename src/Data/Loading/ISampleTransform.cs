namespace IlgpuSpp.Data;

/// <summary>
/// Turns a prepared image (<see cref="PreparedImages"/>) into a square network input. Implementations are thread-safe
/// and a function of their arguments alone, so that a loader gives the same batches at any number of threads.
/// </summary>
internal interface ISampleTransform
{
    /// <summary>Writes the input of one sample.</summary>
    /// <param name="prepared">The image, resized to the preparation's smaller side.</param>
    /// <param name="key">Names the random numbers of this sample in this epoch.</param>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="destination"><c>[size, size, 3]</c>, normalised.</param>
    void Render(RgbImage prepared, RandomKey key, int size, Span<float> destination);
}
