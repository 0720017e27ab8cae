namespace IlgpuSpp.Engine;

// Spatial pyramid pooling (the paper, section 2.2 and Appendix A): per level and channel the max of every bin.
// Ties go to the first element in row-major order; a NaN in a bin makes its output NaN. Argmax holds
// row · width + column in the whole map, in the order of y. The output order is that of Pyramid.
public abstract partial class Backend
{
    /// <summary>Pools whole maps. <c>x: [n, h, w, c]</c>, <c>y: [n, bins·c]</c>, argmax (may be null) like y.</summary>
    public void PyramidForward(Tensor x, Tensor y, Tensor<int>? argmax, Pyramid pyramid)
    {
        OpChecks.Pyramid(nameof(PyramidForward), x.Shape, y.Shape, argmax, pyramid);
        OpChecks.Separate(nameof(PyramidForward), y, x);
        RunPyramidForward(x, y, argmax, pyramid);
        Written(y);
    }

    /// <summary>dx = sum of the dy of every bin, of every level, that the element won. <c>dy: [n, bins·c]</c>, <c>dx: [n, h, w, c]</c>.</summary>
    public void PyramidBackward(Tensor dy, Tensor<int> argmax, Tensor dx, Pyramid pyramid)
    {
        OpChecks.Pyramid(nameof(PyramidBackward), dx.Shape, dy.Shape, argmax, pyramid);
        OpChecks.Separate(nameof(PyramidBackward), dx, dy);
        RunPyramidBackward(dy, argmax, dx, pyramid);
        Written(dx);
    }

    /// <summary>
    /// Pools windows of maps. <c>windows: [r, 5]</c>, each row (image, top, left, bottom, right) in map elements, bottom and
    /// right excluded, inside the map and not empty. <c>y: [r, bins·c]</c>. Only <see cref="PyramidRule.Adaptive"/>.
    /// The caller answers for the windows' ranges; backends clamp them to the map.
    /// </summary>
    public void WindowPyramidForward(Tensor x, Tensor<int> windows, Tensor y, Tensor<int>? argmax, Pyramid pyramid)
    {
        OpChecks.WindowPyramid(nameof(WindowPyramidForward), x.Shape, windows.Shape, y.Shape, argmax, pyramid);
        OpChecks.Separate(nameof(WindowPyramidForward), y, x);
        RunWindowPyramidForward(x, windows, y, argmax, pyramid);
        Written(y);
    }

    /// <summary>dx = sum over all windows of the dy whose bin the element won. <c>dx: [n, h, w, c]</c>.</summary>
    public void WindowPyramidBackward(Tensor dy, Tensor<int> windows, Tensor<int> argmax, Tensor dx, Pyramid pyramid)
    {
        OpChecks.WindowPyramid(nameof(WindowPyramidBackward), dx.Shape, windows.Shape, dy.Shape, argmax, pyramid);
        OpChecks.Separate(nameof(WindowPyramidBackward), dx, dy);
        RunWindowPyramidBackward(dy, windows, argmax, dx, pyramid);
        Written(dx);
    }
}
