using IlgpuSpp.Engine;

namespace IlgpuSpp.Inference;

/// <summary>An image, or the scale that images are resized to, is smaller than a view.</summary>
/// <param name="side">The smaller side of the image in pixels.</param>
/// <param name="view">Side of the view in pixels.</param>
public sealed class ViewException(int side, int view)
    : IlgpuSppException($"An image whose smaller side is {side} pixels is smaller than a view of {view}x{view}; use scales of at least {view}.")
{
    /// <summary>The smaller side of the image in pixels.</summary>
    public int Side { get; } = side;

    /// <summary>Side of the view in pixels.</summary>
    public int View { get; } = view;
}
