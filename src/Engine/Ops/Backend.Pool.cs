namespace IlgpuSpp.Engine;

// Max and average pooling. x: [n, h, w, c], y: [n, oh, ow, c].
public abstract partial class Backend
{
    /// <summary>
    /// Max of every window; padding never wins. Ties go to the first element in row-major order (strict &gt;, from −∞).
    /// Argmax, where given, has y's shape and holds <c>row · width + column</c> of the winner in its image.
    /// A NaN in a window makes its output NaN.
    /// </summary>
    public void MaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        OpChecks.Pool(nameof(MaxPoolForward), x.Shape, y.Shape, argmax, geometry);
        OpChecks.Separate(nameof(MaxPoolForward), y, x);
        RunMaxPoolForward(x, y, argmax, geometry);
        Written(y);
    }

    /// <summary>dx = sum of the dy whose window the element won.</summary>
    public void MaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        OpChecks.Pool(nameof(MaxPoolBackward), dx.Shape, dy.Shape, argmax, geometry);
        OpChecks.Separate(nameof(MaxPoolBackward), dx, dy);
        RunMaxPoolBackward(dy, argmax, dx, geometry);
        Written(dx);
    }

    /// <summary>Mean of every window.</summary>
    public void AveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        OpChecks.Pool(nameof(AveragePoolForward), x.Shape, y.Shape, null, geometry);
        OpChecks.Separate(nameof(AveragePoolForward), y, x);
        RunAveragePoolForward(x, y, geometry, divisor);
        Written(y);
    }

    /// <summary>dx = sum over the windows that hold the element of dy divided by the window's divisor.</summary>
    public void AveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        OpChecks.Pool(nameof(AveragePoolBackward), dx.Shape, dy.Shape, null, geometry);
        OpChecks.Separate(nameof(AveragePoolBackward), dx, dy);
        RunAveragePoolBackward(dy, dx, geometry, divisor);
        Written(dx);
    }
}
